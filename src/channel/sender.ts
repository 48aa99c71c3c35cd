// The sending ends of channels. A channel has one receiver and any number of senders, in any processes: clones, copies that
// travelled in messages. What one sender sends arrives in order. Nothing is queued beyond the kernel's own buffer: send()
// waits for room, trySend() doesn't.

import { core } from '../native/core.js';
import { explain } from '../native/failure.js';
import { ATTACH, Attachable, type Attached, AttachmentKind, makers } from './attachment.js';
import { encode, type Letter } from './codec.js';
import { Lender } from './lender.js';
import { connectTo } from './listener.js';
import { arrivedEnd, owned } from './owned.js';
import { Parcel } from './parcel.js';
import { SocketEnd, type WaitOptions } from './socket-end.js';

/** What both kinds of sender can do. Closed by close(), `using`, or when it is collected. */
export abstract class ChannelSender<T> extends Attachable implements Disposable {
  readonly #end: SocketEnd;
  readonly #kind: AttachmentKind;
  /** Of long messages; made for the first one. */
  #lender: Lender | undefined;
  /** The send that waits longest for room comes first; this is the last in the queue. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** For channel() and what arrives. Takes ownership of the end. */
  constructor(end: SocketEnd, kind: AttachmentKind) {
    super();
    this.#end = owned(this, end);
    this.#kind = kind;
  }

  /**
   * Sends a message, waiting while the receiver's queue is full: a sender that awaits each send needs no memory for a
   * receiver that stands still. What is in the message is taken as it is now. Rejects with ERR_TAP_DISCONNECTED once
   * nobody receives, ERR_TAP_SYSTEM where descriptors or memory run out (try again), the signal's reason; TypeError for
   * what can't be sent.
   */
  async send(message: T, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const letter = this.encode(message);
    const parcel = new Parcel(letter, this.#lend);
    try {
      if (this.#waiting > 0 || !this.#post(parcel, letter)) {
        parcel.hold(letter);
        await this.#queue(parcel, options);
      }
    } finally {
      parcel.discard();
    }
    if (this.#lender?.isUsedUp) await this.#lender.recover();
  }

  /** Sends if there is room now, and says whether it did. Throws as send() rejects. */
  trySend(message: T): boolean {
    const letter = this.encode(message);
    if (this.#waiting > 0) return false;
    const parcel = new Parcel(letter, this.#lend);
    try {
      return this.#post(parcel, letter);
    } finally {
      parcel.discard();
    }
  }

  /** Lets go of this sender. The receiver's stream ends when the last one has gone. Safe to call twice. */
  close(): void {
    this.#end.close();
    this.#lender?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [ATTACH](): Attached {
    return { kind: this.#kind, fd: this.#end.fd };
  }

  /** Another descriptor of the same end. Throws ERR_TAP_SYSTEM. */
  protected duplicate(): SocketEnd {
    try {
      return new SocketEnd(core().duplicateFd(this.#end.fd));
    } catch (error) {
      throw explain(error, 'ERR_TAP_SYSTEM', "can't clone a sender");
    }
  }

  /** Gives the end away: this sender is done. */
  protected surrender(): SocketEnd {
    return new SocketEnd(this.#end.take());
  }

  protected abstract encode(message: T): Letter;

  readonly #lend = (): Lender => {
    this.#lender ??= owned(this, new Lender());
    return this.#lender;
  };

  #post(parcel: Parcel, { attached }: Letter): boolean {
    if (!parcel.post(this.#end)) return false;
    for (const one of attached) if (one.take) core().closeFd(one.take());
    return true;
  }

  async #queue(parcel: Parcel, options: WaitOptions): Promise<void> {
    const turn = this.#last.then(async () => {
      while (!parcel.post(this.#end)) await this.#end.writable(options);
    });
    this.#waiting++;
    this.#last = turn.catch(() => {}).then(() => this.#waiting--);
    await turn;
  }
}

/** How to connect. */
export interface ConnectOptions {
  /** Gives up: rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Sends values: numbers, strings, bigints, booleans, null, dates, Uint8Arrays, arrays, objects, sets, and {@link Attachable}s. */
export class IpcSender<T> extends ChannelSender<T> {
  constructor(end: SocketEnd) {
    super(end, AttachmentKind.sender);
  }

  /**
   * Connects to the server of this name. Rejects with ERR_TAP_NO_SERVER, ERR_TAP_PERMISSION, ERR_TAP_REFUSED if the server
   * is another user's, ERR_TAP_SYSTEM.
   */
  static async connect<T>(name: string, options?: ConnectOptions): Promise<IpcSender<T>> {
    return new IpcSender<T>(await connectTo(name, options));
  }

  /** Another sender of the same channel. Throws ERR_TAP_SYSTEM where descriptors run out. */
  clone(): IpcSender<T> {
    return new IpcSender(this.duplicate());
  }

  /** The same sender without its type, to be kept with others; this one is closed. */
  toOpaque(): OpaqueIpcSender {
    return new OpaqueIpcSender(this.surrender());
  }

  protected encode(message: T): Letter {
    return encode(message);
  }
}

/** Sends bytes as they are, without serialisation. */
export class IpcBytesSender extends ChannelSender<Uint8Array> {
  constructor(end: SocketEnd) {
    super(end, AttachmentKind.bytesSender);
  }

  clone(): IpcBytesSender {
    return new IpcBytesSender(this.duplicate());
  }

  protected encode(bytes: Uint8Array): Letter {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('a bytes channel takes Uint8Arrays');
    return { bytes, attached: [] };
  }
}

/** A sender of values whose type is not known here. */
export class OpaqueIpcSender extends ChannelSender<never> {
  constructor(end: SocketEnd) {
    super(end, AttachmentKind.sender);
  }

  /** A sender again; this one is closed. It is for the caller to know of what. */
  to<T>(): IpcSender<T> {
    return new IpcSender(this.surrender());
  }

  protected encode(): never {
    throw new TypeError('an opaque sender sends nothing: to() makes it a sender');
  }
}

makers.set(AttachmentKind.sender, (fd) => new IpcSender(arrivedEnd(fd)));
makers.set(AttachmentKind.bytesSender, (fd) => new IpcBytesSender(arrivedEnd(fd)));
