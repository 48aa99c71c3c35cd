// One end of a control connection: whole messages in and out, descriptors beside them, doorbells told apart. It owns its
// descriptor. Whatever the peer does wrong closes this connection and is told to its owner; nothing is thrown at others.

import { ProtocolError } from '../errors.js';
import { core, type Poll } from '../native/core.js';
import { errnoName, explain } from '../native/failure.js';
import { MAX_MESSAGE_BYTES } from './messages.js';

/** What the owner of a connection is told. */
export interface ConnectionEvents {
  /**
   * Something has come, and is not read yet. Where this is given, reading waits until all that this sets going has had its
   * turn: reading a doorbell takes longer than getting at the packets that it is about.
   */
  onReady?(): void;
  /** A message of more than one byte; `fds` belong to the receiver from now on. May throw: that closes the connection. */
  onMessage(bytes: Uint8Array, fds: number[]): void;
  /** The doorbell. */
  onBell(): void;
  /** Once, last. Without an error: the peer closed, or we did. */
  onClose(error?: unknown): void;
}

/** More messages than this in one go, and the others on the event loop get their turn first. */
const MESSAGES_PER_TURN = 32;

/** The length of a doorbell; no message is as short. */
const BELL_BYTES = 1;

const buffer = new Uint8Array(MAX_MESSAGE_BYTES);

/** A connected SOCK_SEQPACKET socket on the event loop. */
export class Connection {
  readonly #fd: number;
  readonly #maxFds: number;
  readonly #events: ConnectionEvents;
  readonly #poll: Poll;
  #open = true;

  /** Takes ownership of `fd`. A message with more than `maxFds` descriptors is a breach of the protocol. */
  constructor(fd: number, maxFds: number, events: ConnectionEvents) {
    this.#fd = fd;
    this.#maxFds = maxFds;
    this.#events = events;
    const native = core();
    this.#poll = new native.Poll(fd, () => this.#ready());
  }

  get fd(): number {
    return this.#fd;
  }

  get open(): boolean {
    return this.#open;
  }

  /**
   * Sends one message. False: it was not sent. A peer that doesn't read is closed at once; one that has gone, when what it
   * said last (why it refused us, for one) has been read.
   */
  send(message: Uint8Array, fds: readonly number[] = []): boolean {
    if (!this.#open) return false;
    const errno = core().send(this.#fd, message, fds);
    if (errno === 0) return true;
    const name = errnoName(errno);
    if (name === 'EPIPE' || name === 'ECONNRESET') return false;
    // A peer that leaves its queue full is not worth memory of ours.
    this.close(new ProtocolError('ERR_TAP_PROTOCOL', `peer does not read: send ${name}`, { errno: name }));
    return false;
  }

  close(error?: unknown): void {
    if (!this.#open) return;
    this.#open = false;
    this.#poll.close();
    core().closeFd(this.#fd);
    this.#events.onClose(error);
  }

  #ready(): void {
    if (this.#events.onReady === undefined) return this.#receive();
    this.#events.onReady();
    setImmediate(() => this.#receive());
  }

  #receive(): void {
    try {
      for (let i = 0; this.#open && i < MESSAGES_PER_TURN; i++) {
        const message = core().receive(this.#fd, buffer, this.#maxFds);
        if (message === undefined) return;
        if (message.bytes === 0) return this.#closeEmpty(message.fds);
        this.#deliver(message.bytes, message.fds);
        // Who was rung has packets to read; should something wait behind the bell, we are called again.
        if (message.bytes === BELL_BYTES) return;
      }
    } catch (error) {
      this.close(explain(error, 'ERR_TAP_PROTOCOL', 'bad message from the peer'));
    }
  }

  /** The end of the connection, or a message of no bytes, which nobody sends and which looks the same. */
  #closeEmpty(fds: readonly number[]): void {
    for (const fd of fds) core().closeFd(fd);
    this.close();
  }

  #deliver(bytes: number, fds: number[]): void {
    // A copy: the buffer is shared by all connections, and what a message holds may outlive this call.
    if (bytes !== BELL_BYTES) return this.#events.onMessage(buffer.slice(0, bytes), fds);
    for (const fd of fds) core().closeFd(fd);
    this.#events.onBell();
  }
}
