// One end of a connection: its descriptor, and waiting on the event loop until it can be read or written. It is watched
// only while somebody waits, and only then keeps the process alive.

import { ClosedError } from '../errors.js';
import { core, type Poll } from '../native/core.js';

/** How long to wait. */
export interface WaitOptions {
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** In milliseconds; default: no limit. */
  readonly timeoutMs?: number | undefined;
}

/**
 * How long to look out before the event loop sleeps, in microseconds: a little longer than a short message's way there and
 * back between two cores that sleep.
 */
export const LOOK_OUT_US = 100;

/** Owns a descriptor until it is closed or taken. */
export class SocketEnd {
  /** How long to look out for the next message, or for room. */
  lookOutUs = LOOK_OUT_US;
  #fd: number;
  #poll: Poll | undefined;
  /** What the poll looks for now. */
  #watching = { readable: true, writable: false };
  readonly #readers = new Set<() => void>();
  readonly #writers = new Set<() => void>();
  /** Called once when it becomes readable; unlike a reader, it doesn't keep the process alive by itself. */
  #listener: (() => void) | undefined;
  #held = false;
  #left: 'closed' | 'sent away' | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Throws ERR_TAP_CLOSED once it is closed or taken. */
  get fd(): number {
    if (this.#left === undefined) return this.#fd;
    throw new ClosedError('ERR_TAP_CLOSED', `an end of a channel was used after it was ${this.#left}`);
  }

  get open(): boolean {
    return this.#left === undefined;
  }

  /** Somebody waits. */
  get busy(): boolean {
    return this.#readers.size + this.#writers.size > 0;
  }

  /** Whether it became readable, or its other side went away, before the time was up. */
  readable(options?: WaitOptions): Promise<boolean> {
    return this.#wait(this.#readers, options);
  }

  /** The same of writing. */
  writable(options?: WaitOptions): Promise<boolean> {
    return this.#wait(this.#writers, options);
  }

  /** Calls back once, when it is readable, or closed here. */
  whenReadable(listener: (() => void) | undefined): void {
    this.#listener = listener;
    if (this.#left !== undefined) return this.#tell();
    this.#watch();
    if (listener !== undefined) this.#poll?.linger(this.lookOutUs);
  }

  /** Whether looking for a listener keeps the process alive. */
  hold(held: boolean): void {
    this.#held = held;
    if (this.#left === undefined) this.#watch();
  }

  /** Gives the descriptor to the caller, for good. */
  take(): number {
    const { fd } = this;
    this.#leave('sent away');
    return fd;
  }

  /** Safe to call twice. Who waits goes on, and finds it closed. */
  close(): void {
    if (this.#left !== undefined) return;
    this.#leave('closed');
    core().closeFd(this.#fd);
  }

  #leave(how: 'closed' | 'sent away'): void {
    this.#left = how;
    this.#poll?.close();
    this.#poll = undefined;
    wakeAll(this.#readers);
    wakeAll(this.#writers);
    this.#tell();
  }

  #tell(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.();
  }

  async #wait(waiters: Set<() => void>, { signal, timeoutMs }: WaitOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    let isReady = false;
    let timer: NodeJS.Timeout | undefined;
    let wake = () => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const ready = () => {
      isReady = true;
      wake();
    };
    waiters.add(ready);
    this.#watch();
    this.#poll?.linger(this.lookOutUs);
    if (timeoutMs !== undefined) timer = setTimeout(wake, timeoutMs);
    signal?.addEventListener('abort', wake, { once: true });
    await woken;
    clearTimeout(timer);
    signal?.removeEventListener('abort', wake);
    if (waiters.delete(ready)) this.#watch();
    if (!isReady) signal?.throwIfAborted();
    return isReady;
  }

  /** Looks for what is waited for. What nobody waits for any more is looked for until it happens: who waited waits again. */
  #watch(): void {
    const listening = this.#listener !== undefined;
    const wanted = { readable: listening || this.#readers.size > 0, writable: this.#writers.size > 0 };
    if (this.#poll === undefined) {
      if (!wanted.readable && !wanted.writable) return;
      const native = core();
      this.#poll = new native.Poll(this.fd, () => this.#onReady());
    }
    this.#poll.keepAlive(this.busy || (listening && this.#held));
    const { readable, writable } = this.#watching;
    if ((wanted.readable && !readable) || wanted.writable !== writable) this.#look(wanted);
  }

  #look(wanted: { readable: boolean; writable: boolean }): void {
    this.#watching = wanted;
    this.#poll?.watch(wanted.readable, wanted.writable);
  }

  #onReady(): void {
    const { readable, writable } = this.#watching;
    const idle = readable && this.#readers.size === 0 && this.#listener === undefined;
    this.#poll?.keepAlive(false);
    if (writable) wakeAll(this.#writers);
    if (!readable) return this.#look({ readable, writable: false });
    wakeAll(this.#readers);
    this.#tell();
    if (idle || writable) this.#look({ readable: readable && !idle, writable: false });
  }
}

function wakeAll(waiters: Set<() => void>): void {
  const woken = [...waiters];
  waiters.clear();
  for (const wake of woken) wake();
}
