// The sending side: a stream of packets, and the clients that read it. Every packet is copied once, into the stream's ring,
// however many they are.

import { ClosedError } from '../errors.js';
import type { SendOptions } from '../source/packet-like.js';
import { SentPackets } from '../source/sent-packets.js';
import { Tap } from '../tap/tap.js';
import type { AsIpcPacket } from './packet.js';

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

/** A stream to one client or more. Made by Server.accept(). */
export class ConnectedIpc implements AsyncDisposable {
  readonly #source = new SentPackets('packet-ipc');
  readonly #tap: Tap;
  readonly #names = new Set<string>();

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
    if (this.#names.size > 0) return this.#source.send(packets, options);
    return Promise.reject(new ClosedError('ERR_TAP_DISCONNECTED', 'no client reads this stream any more'));
  }

  /** The stream's end, as its clients see it: they read what is left, and then null. Safe to call twice. */
  async close(): Promise<void> {
    await this.#source.finish();
    await this.#tap.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
