// The receiving ends of channels. A receiver has one owner: sent in a message, it moves, with everything still unread. It
// reads nothing ahead, and believes nothing that arrives.

import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { core } from '../native/core.js';
import { type Arrival, receiveMessage } from './arrival.js';
import {
  ATTACH,
  Attachable,
  type Attached,
  AttachmentKind,
  limitsOf,
  makers,
  type ReceiveLimits,
} from './attachment.js';
import { BorrowedBytes } from './borrowed-bytes.js';
import { Borrower } from './borrower.js';
import { decode } from './codec.js';
import { arrivedEnd, owned } from './owned.js';
import { LOOK_OUT_US, SocketEnd } from './socket-end.js';

/** Messages received in a row before timers and other sockets get their turn. */
const MESSAGES_PER_TURN = 64;

/** Long ones count as several: memory to which nobody refers any more is given back between turns. */
const BYTES_AS_A_MESSAGE = 128 << 10;

/** The same as {@link LOOK_OUT_US} after a long message, whose like takes so long to be copied. */
const LOOK_OUT_LONG_US = 300;

/** How to wait for a message. */
export interface ReceiveOptions {
  /** Gives up: rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What both kinds of receiver can do. Closed by close(), `using`, or when it is collected. */
export abstract class ChannelReceiver<T> extends Attachable implements AsyncIterable<T>, Disposable {
  readonly #end: SocketEnd;
  readonly #kind: AttachmentKind;
  /** What this receiver lets in; see {@link ReceiveLimits}. */
  readonly limits: ReceiveLimits;
  readonly #borrower = new Borrower();
  #ended = false;
  #inARow = 0;

  /** For channel() and what arrives. Takes ownership of the end. Throws RangeError for limits out of range. */
  constructor(end: SocketEnd, kind: AttachmentKind, limits?: Partial<ReceiveLimits>) {
    super();
    this.limits = limitsOf(limits);
    this.#end = owned(this, end);
    this.#kind = kind;
  }

  /** Nothing will come any more: the last sender has gone, and everything it sent was received. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * The next message; undefined when the last sender has gone. Rejects with ERR_TAP_PROTOCOL for a message that isn't as it
   * must be and ERR_TAP_SYSTEM for one whose descriptors were lost because there were too many: the next call gives the
   * message after it. Rejects with the signal's reason, and with ERR_TAP_CLOSED after close().
   */
  async recv(options?: ReceiveOptions): Promise<T | undefined> {
    return this.receive((arrival) => this.decode(arrival), options);
  }

  /** The next message if it is there; undefined if not, or at the end: {@link ChannelReceiver.ended} tells. Throws as recv() rejects. */
  tryRecv(): T | undefined {
    return this.#tryReceive((arrival) => this.decode(arrival));
  }

  /** As recv(), and undefined when the time is up. */
  async tryRecvTimeout(timeoutMs: number, { signal }: ReceiveOptions = {}): Promise<T | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const message = this.tryRecv();
      const left = deadline - performance.now();
      if (message !== undefined || this.#ended || left <= 0) return message;
      await this.#end.readable({ signal, timeoutMs: Math.ceil(left) });
    }
  }

  /** Messages until the last sender has gone. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      const message = await this.recv();
      if (message === undefined) return;
      yield message;
    }
  }

  /** The same as a stream of Node's, in object mode; it reads no further ahead than one message. */
  toStream(): Readable {
    return Readable.from(this, { objectMode: true, highWaterMark: 1 });
  }

  /** Receives no more: senders get ERR_TAP_DISCONNECTED. Safe to call twice. */
  close(): void {
    this.#end.close();
    this.#borrower.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [ATTACH](): Attached {
    if (this.#end.busy) throw new TypeError('a receiver was sent away while somebody waits for its next message');
    return { kind: this.#kind, fd: this.#end.fd, take: () => this.#end.take() };
  }

  /** Its end, for a set that waits for many. */
  get end(): SocketEnd {
    return this.#end;
  }

  protected abstract decode(arrival: Arrival): T;

  /** As recv(), made of what arrives in another way. */
  protected async receive<U>(make: (arrival: Arrival) => U, options?: ReceiveOptions): Promise<U | undefined> {
    if (++this.#inARow > MESSAGES_PER_TURN) await this.#giveWay();
    for (;;) {
      const message = this.#tryReceive(make);
      if (message !== undefined || this.#ended) return message;
      this.#inARow = 0;
      await this.#end.readable(options);
    }
  }

  #tryReceive<U>(make: (arrival: Arrival) => U): U | undefined {
    if (this.#ended) return undefined;
    const arrival = receiveMessage(this.#end, this.limits, this.#borrower);
    if (arrival === 'ended') this.#ended = true;
    if (typeof arrival === 'string') return undefined;
    this.#end.lookOutUs = arrival.memory === 'buffer' ? LOOK_OUT_US : LOOK_OUT_LONG_US;
    if (arrival.memory !== 'buffer') this.#inARow += Math.ceil(arrival.end / BYTES_AS_A_MESSAGE);
    return make(arrival);
  }

  async #giveWay(): Promise<void> {
    this.#inARow = 0;
    await setImmediate();
  }
}

/** Receives values. */
export class IpcReceiver<T> extends ChannelReceiver<T> {
  constructor(end: SocketEnd, limits?: Partial<ReceiveLimits>) {
    super(end, AttachmentKind.receiver, limits);
  }

  /** The same receiver without its type, to be kept with others; this one is closed. */
  toOpaque(): OpaqueIpcReceiver {
    return new OpaqueIpcReceiver(new SocketEnd(this.end.take()), this.limits);
  }

  protected decode(arrival: Arrival): T {
    return decode(arrival, this.limits) as T;
  }
}

/** Receives bytes as they were sent, in memory of their own: to write to them changes nothing elsewhere. */
export class IpcBytesReceiver extends ChannelReceiver<Uint8Array> {
  constructor(end: SocketEnd, limits?: Partial<ReceiveLimits>) {
    super(end, AttachmentKind.bytesReceiver, limits);
  }

  /**
   * As recv(), and long messages, up to 16 MiB, where their sender wrote them: the fastest way, for senders that can be
   * trusted and receivers that are soon done with a message. Give each back by release(), or `using`.
   */
  async borrow(options?: ReceiveOptions): Promise<BorrowedBytes | undefined> {
    return this.receive((arrival) => {
      if (arrival.memory === 'buffer') return new BorrowedBytes(this.decode(arrival), arrival.release);
      closeAll(arrival.fds);
      return new BorrowedBytes(arrival.bytes, arrival.release);
    }, options);
  }

  protected decode(arrival: Arrival): Uint8Array {
    closeAll(arrival.fds);
    const { bytes, start, end, memory, release } = arrival;
    if (memory === 'own') return bytes;
    const copy = memory === 'buffer' ? bytes.slice(start, end) : new Uint8Array(bytes);
    release();
    return copy;
  }
}

/** A receiver of values whose type is not known here. A set takes it as it is. */
export class OpaqueIpcReceiver extends ChannelReceiver<unknown> {
  constructor(end: SocketEnd, limits?: Partial<ReceiveLimits>) {
    super(end, AttachmentKind.receiver, limits);
  }

  /** A receiver again; this one is closed. It is for the caller to know of what. */
  to<T>(): IpcReceiver<T> {
    return new IpcReceiver(new SocketEnd(this.end.take()), this.limits);
  }

  protected decode(arrival: Arrival): unknown {
    return decode(arrival, this.limits);
  }
}

/** A bytes channel carries no descriptors; a peer that sends some has its message without them. */
function closeAll(fds: readonly number[]): void {
  for (const fd of fds) core().closeFd(fd);
}

makers.set(AttachmentKind.receiver, (fd, limits) => new IpcReceiver(arrivedEnd(fd), limits));
makers.set(AttachmentKind.bytesReceiver, (fd, limits) => new IpcBytesReceiver(arrivedEnd(fd), limits));
