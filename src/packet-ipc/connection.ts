// The sending side: a stream of packets, and the clients that read it. Every packet is copied once, into the stream's ring,
// however many they are.

import { setImmediate } from 'node:timers/promises';
import { ClosedError } from '../errors.js';
import { Tap } from '../tap/tap.js';
import type { AsIpcPacket } from './packet.js';
import { SentPackets } from './sent-packets.js';

/** How to send. */
export interface SendOptions {
  /** Gives up waiting for room: rejects with the signal's reason. Some of the packets may have been sent. */
  readonly signal?: AbortSignal;
}

/** What a stream's ring is like. */
export interface StreamOptions {
  /** Capacity in bytes, a power of two from 1 MiB to 1 GiB: all that a slow client can cost. Default 4 MiB. */
  readonly ringBytes?: number;
  /** A client that makes no progress for this long is not waited for any longer. Default 30,000. */
  readonly stallTimeoutMs?: number;
}

/** Where and under which name a stream's ring is found. */
export interface StreamAddress {
  readonly name: string;
  readonly directory: string;
}

/** Sends in a row before timers and sockets get their turn. */
const SENDS_PER_TURN = 128;

const SENT = Promise.resolve();

/** A stream to one client or more. Made by Server.accept(). */
export class ConnectedIpc implements AsyncDisposable {
  readonly #source = new SentPackets();
  readonly #tap: Tap;
  readonly #names = new Set<string>();
  /** Sends that wait for room, one after the other. */
  #last: Promise<void> = SENT;
  #waiting = 0;
  #inARow = 0;

  /** For Server.accept(). */
  constructor({ name, directory }: StreamAddress, options: StreamOptions) {
    const events = {
      onAttach: ({ name: client }: { readonly name: string }) => void this.#names.add(client),
      onDetach: (client: string) => void this.#names.delete(client),
    };
    this.#tap = Tap.open({ name, directory, source: this.#source, ...options }, events);
    this.#tap.start();
  }

  /** Where its clients attach. */
  get path(): string {
    return this.#tap.path;
  }

  /** How many clients read it now. */
  get clients(): number {
    return this.#names.size;
  }

  /** Whether the client of this name reads it. */
  has(client: string): boolean {
    return this.#names.has(client);
  }

  /**
   * Publishes packets to all clients, waiting while the slowest lossless one is a whole ring behind. An empty batch is an
   * empty batch; null is close(). Rejects with ERR_TAP_DISCONNECTED when the last client has gone, ERR_TAP_CLOSED after
   * close(), RangeError for a packet that is too long.
   */
  send(packets: Iterable<AsIpcPacket> | null, options?: SendOptions): Promise<void> {
    if (packets === null) return this.close();
    const list = Array.isArray(packets) ? packets : [...packets];
    if (this.#waiting > 0 || ++this.#inARow === SENDS_PER_TURN) return this.#hold(this.#sendLater([...list], options));
    try {
      const rest = this.#append(list, options);
      return rest === undefined ? SENT : this.#hold(rest);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The stream's end, as its clients see it: they read what is left, and then null. Safe to call twice. */
  async close(): Promise<void> {
    await this.#last;
    this.#source.finish();
    await this.#tap.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** undefined: all is sent already. */
  #append(packets: readonly AsIpcPacket[], { signal }: SendOptions = {}): Promise<void> | undefined {
    if (this.#names.size === 0) throw new ClosedError('ERR_TAP_DISCONNECTED', 'no client reads this stream any more');
    return this.#source.append(packets) ? undefined : this.#source.appendRest(signal);
  }

  /** After those that wait, and after the event loop has had a turn: that is when a client that has gone is noticed. */
  async #sendLater(packets: readonly AsIpcPacket[], options?: SendOptions): Promise<void> {
    this.#inARow = 0;
    await this.#last;
    await setImmediate();
    options?.signal?.throwIfAborted();
    await this.#append(packets, options);
  }

  /** What is sent from now on comes after this. */
  #hold(sending: Promise<void>): Promise<void> {
    this.#waiting++;
    const settled = () => {
      this.#waiting--;
    };
    this.#last = sending.then(settled, settled);
    return sending;
  }
}
