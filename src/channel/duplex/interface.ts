// Both ways between two processes, through shared memory: a queue in each direction, and a socket that rings a bell for who
// sleeps. Nothing spins, and who is busy makes no system call. The peer's death is the end of what it had sent.

import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { ClosedError } from '../../errors.js';
import { core, type NativeMapping } from '../../native/core.js';
import { owned } from '../owned.js';
import type { SocketEnd, WaitOptions } from '../socket-end.js';
import { ByteQueue, queueBytes } from './byte-queue.js';

/** Messages in a row before timers and sockets get their turn. */
const MESSAGES_PER_TURN = 256;

const NOTHING_THERE = -1;
const ENDED = -2;
const BELL = new Uint8Array(1);
const noFds = new Int32Array(1);
const bell = new Uint8Array(8);

/** One side of a link, and its memory. */
export interface LinkParts {
  readonly end: SocketEnd;
  readonly mapping: NativeMapping;
  /** Bytes of each direction. */
  readonly capacity: number;
  readonly side: 'server' | 'client';
}

/** One end of a link. Made by InterfaceServer.accept() and connectInterface(). Closed by close(), `using`, or when collected. */
export class Interface implements Disposable {
  readonly #link: Link;
  readonly #out: ByteQueue;
  readonly #in: ByteQueue;
  #inARow = 0;

  /** For those two. Throws ERR_TAP_RING for memory that isn't as it must be. */
  constructor({ end, mapping, capacity, side }: LinkParts) {
    const isServer = side === 'server';
    const queues = [0, queueBytes(capacity)].map((at) => new ByteQueue(mapping.buffer, at, capacity, isServer));
    this.#out = queues[isServer ? 0 : 1]!;
    this.#in = queues[isServer ? 1 : 0]!;
    this.#link = owned(this, new Link(end, mapping));
  }

  /** Bytes of each direction's queue; a message takes its length and four bytes, rounded up to 8. */
  get capacity(): number {
    return this.#out.indices.capacity;
  }

  /** The longest message, in bytes. */
  get maxBytes(): number {
    return this.#out.maxBytes;
  }

  /** Nothing will come any more: the other side has gone, and all that it sent was received. */
  get ended(): boolean {
    return this.#link.peerGone && this.#in.indices.used === 0;
  }

  /**
   * Sends a message, waiting while the queue is full. Rejects with ERR_TAP_DISCONNECTED when the other side has gone,
   * ERR_TAP_RING if it has broken the memory, RangeError for a message that is too long, the signal's reason, ERR_TAP_CLOSED.
   */
  async xmit(message: Uint8Array, { signal }: WaitOptions = {}): Promise<void> {
    while (!this.tryXmit(message)) {
      this.#out.indices.sleep('writer');
      // The reader may have made room just before it could see that we sleep.
      if (this.tryXmit(message)) return;
      await this.#link.wait(signal);
    }
  }

  /** Sends a message if there is room for it now, and says whether it did. Throws as xmit() rejects. */
  tryXmit(message: Uint8Array): boolean {
    if (message.length > this.maxBytes)
      throw new RangeError(`message is too long: ${message.length} bytes, at most ${this.maxBytes}`);
    this.#link.check();
    if (this.#link.peerGone) throw new ClosedError('ERR_TAP_DISCONNECTED', 'the other side of the link has gone');
    if (!this.#out.tryPush(message)) return false;
    if (this.#out.indices.mustWake('reader')) this.#link.ring();
    return true;
  }

  /** The next message; undefined when the other side has gone and all was received. Rejects as xmit() does. */
  async recv({ signal }: WaitOptions = {}): Promise<Uint8Array | undefined> {
    if (this.#inARow > MESSAGES_PER_TURN) await this.#giveWay();
    for (;;) {
      const message = this.tryRecv();
      if (message !== undefined || this.ended) return message;
      this.#inARow = 0;
      this.#in.indices.sleep('reader');
      // The writer may have written just before it could see that we sleep.
      if (this.#in.indices.used === 0) await this.#link.wait(signal);
    }
  }

  /** The next message if it is there. */
  tryRecv(): Uint8Array | undefined {
    this.#link.check();
    const message = this.#in.tryPop();
    if (message !== undefined) this.#inARow++;
    if (message !== undefined && this.#in.indices.mustWake('writer')) this.#link.ring();
    return message;
  }

  /** All messages that are there, at most `max`, waiting for the first; none at the end. Rejects as recv() does. */
  async recvVectored(max = Number.POSITIVE_INFINITY, options?: WaitOptions): Promise<Uint8Array[]> {
    const messages: Uint8Array[] = [];
    for (let message = await this.recv(options); message !== undefined; message = this.tryRecv()) {
      messages.push(message);
      if (messages.length >= max) break;
    }
    return messages;
  }

  /**
   * Calls back with what comes, until the other side has gone or the signal aborts; sleeps in between. A promise that is
   * returned is waited for. Rejects as recv() does, but not for the signal.
   */
  async run(onMessages: (messages: Uint8Array[]) => void | Promise<void>, signal?: AbortSignal): Promise<void> {
    try {
      for (;;) {
        const messages = await this.recvVectored(MESSAGES_PER_TURN, { signal });
        if (messages.length === 0) return;
        await onMessages(messages);
        signal?.throwIfAborted();
      }
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  /** The other side receives what was sent, and then the end. Safe to call twice. */
  close(): void {
    this.#link.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #giveWay(): Promise<void> {
    this.#inARow = 0;
    await setImmediate();
  }
}

/** OWNER of an end's socket and mapping. */
class Link {
  readonly #end: SocketEnd;
  readonly #mapping: NativeMapping;
  peerGone = false;

  constructor(end: SocketEnd, mapping: NativeMapping) {
    this.#end = end;
    this.#mapping = mapping;
  }

  check(): void {
    if (!this.#end.open) throw new ClosedError('ERR_TAP_CLOSED', 'a link was used after it was closed');
  }

  /** A full queue of bells is as good as one more. */
  ring(): void {
    const errno = core().send(this.#end.fd, BELL, []);
    if (errno === constants.errno.EPIPE || errno === constants.errno.ECONNRESET) this.peerGone = true;
  }

  /** Until a bell, or the end of the connection. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    await this.#end.readable({ signal });
    this.check();
    for (let found = this.#hear(); found !== NOTHING_THERE; found = this.#hear()) {
      if (found !== ENDED) continue;
      this.peerGone = true;
      return;
    }
  }

  close(): void {
    if (!this.#end.open) return;
    this.#end.close();
    this.#mapping.unmap();
  }

  /** Whatever else than a bell comes is the peer's business: it is heard, and that is all. */
  #hear(): number {
    try {
      return core().channelReceive(this.#end.fd, bell, noFds);
    } catch {
      return 0;
    }
  }
}
