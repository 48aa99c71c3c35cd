// Waiting for many receivers at once. What is quiet costs nothing: each receiver reports when it has something, and a
// selection looks at those that did.

import { setImmediate } from 'node:timers/promises';
import type { ChannelReceiver } from './receiver.js';
import type { WaitOptions } from './socket-end.js';

/** What a selection gives. `error`: a message that wasn't as it must be, or whose descriptors were lost; the receiver goes on. */
export type IpcSelection =
  | { readonly type: 'message'; readonly id: number; readonly message: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: unknown }
  | { readonly type: 'closed'; readonly id: number };

/** Messages of one receiver in a selection; the others get their turn. */
const MESSAGES_EACH = 32;

/** Selections in a row before timers and other sockets get theirs. */
const SELECTIONS_PER_TURN = 4;

/** Receivers of any kind: of values, of bytes, opaque. They belong to the set until they are removed or have ended. */
export class IpcReceiverSet implements Disposable {
  readonly #members = new Map<number, ChannelReceiver<unknown>>();
  readonly #ready = new Set<number>();
  #nextId = 1;
  #inARow = 0;
  #wake: () => void = () => {};

  /** How many receivers are in it. */
  get size(): number {
    return this.#members.size;
  }

  /** Returns the id by which selections call this receiver. */
  add(receiver: ChannelReceiver<unknown>): number {
    const id = this.#nextId++;
    this.#members.set(id, receiver);
    this.#ready.add(id);
    return id;
  }

  /** Takes a receiver out, open. Undefined if it is not in the set any more. */
  remove(id: number): ChannelReceiver<unknown> | undefined {
    const receiver = this.#members.get(id);
    receiver?.end.whenReadable(undefined);
    this.#members.delete(id);
    this.#ready.delete(id);
    return receiver;
  }

  /**
   * What there is, waiting for the first of it: messages, in order for each receiver, and receivers that have ended, which
   * leave the set. Empty when the time is up, or when no receiver is left. Rejects with the signal's reason.
   */
  async select({ signal, timeoutMs = Number.POSITIVE_INFINITY }: WaitOptions = {}): Promise<IpcSelection[]> {
    const deadline = performance.now() + timeoutMs;
    if (++this.#inARow > SELECTIONS_PER_TURN) await this.#giveWay();
    for (;;) {
      signal?.throwIfAborted();
      const selections = this.trySelect();
      const left = deadline - performance.now();
      if (selections.length > 0 || left <= 0 || this.#members.size === 0) return selections;
      this.#inARow = 0;
      await this.#wait(left, signal);
    }
  }

  /** What there is now. */
  trySelect(): IpcSelection[] {
    const selections: IpcSelection[] = [];
    for (const id of [...this.#ready]) this.#drain(id, this.#members.get(id)!, selections);
    return selections;
  }

  /** Closes all receivers. */
  close(): void {
    for (const id of [...this.#members.keys()]) this.remove(id)?.close();
    this.#wake();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #drain(id: number, receiver: ChannelReceiver<unknown>, selections: IpcSelection[]): void {
    for (let i = 0; i < MESSAGES_EACH; i++) {
      try {
        const message = receiver.tryRecv();
        if (message !== undefined) selections.push({ type: 'message', id, message });
        else if (receiver.ended) return this.#end(id, selections);
        else return this.#listen(id, receiver);
      } catch (error) {
        selections.push({ type: 'error', id, error });
        if (!receiver.end.open) return this.#end(id, selections);
      }
    }
  }

  #end(id: number, selections: IpcSelection[]): void {
    this.remove(id)?.close();
    selections.push({ type: 'closed', id });
  }

  #listen(id: number, receiver: ChannelReceiver<unknown>): void {
    this.#ready.delete(id);
    receiver.end.whenReadable(() => {
      if (this.#members.get(id) !== receiver) return;
      this.#ready.add(id);
      this.#wake();
    });
  }

  async #giveWay(): Promise<void> {
    this.#inARow = 0;
    await setImmediate();
  }

  async #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const waited = [...this.#members.values()];
    let timer: NodeJS.Timeout | undefined;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const wake = () => this.#wake();
    if (Number.isFinite(ms)) timer = setTimeout(wake, Math.ceil(ms));
    signal?.addEventListener('abort', wake, { once: true });
    for (const receiver of waited) receiver.end.hold(true);
    await woken;
    for (const receiver of waited) receiver.end.hold(false);
    signal?.removeEventListener('abort', wake);
    clearTimeout(timer);
  }
}
