// A connection whose segments are checked: a reused object that looks at a record of the tracker's memory, and the
// segment that is looked at. Sender and receiver are the segment's.

import type { StreamEvent, StreamEventSink } from './stream-events.js';
import { TcpSight } from './tcp-sight.js';
import { SIDE_WORDS, TrackedSide } from './tracked-side.js';

/** Words of a connection. */
export const CONNECTION_WORDS = 4 + 2 * SIDE_WORDS;

const Word = { state: 0, bits: 1, otherSeq: 2, repeats: 3, client: 4, server: 4 + SIDE_WORDS } as const;

/** Bits of a connection. */
export const ConnectionBit = {
  /** The server was heard after the handshake. */
  confirmed: 2,
  /** Both sides sent a SYN at the same time. */
  simultaneous: 4,
  /** The client offered a window scale. */
  scaled: 8,
  /** The client's last step acknowledged what the server had not sent: some servers take that. */
  evasive: 16,
} as const;

/** States, in the order of their progress: Suricata's. */
export const TrackedState = {
  none: 0,
  synSent: 1,
  synRecv: 2,
  established: 3,
  finWait1: 4,
  finWait2: 5,
  timeWait: 6,
  lastAck: 7,
  closeWait: 8,
  closing: 9,
  closed: 10,
} as const;

/** One connection and one segment of it. */
export class TrackedConnection {
  readonly segment = new TcpSight();
  readonly client = new TrackedSide();
  readonly server = new TrackedSide();
  /** Whether the client sent the segment. */
  toServer = true;
  readonly #events: StreamEventSink;
  #words: Uint32Array = new Uint32Array(CONNECTION_WORDS);
  #at = 0;

  constructor(events: StreamEventSink) {
    this.#events = events;
  }

  /** Looks at another record. */
  moveTo(words: Uint32Array, at: number): void {
    this.#words = words;
    this.#at = at;
    this.client.moveTo(words, at + Word.client);
    this.server.moveTo(words, at + Word.server);
  }

  /** Who sent the segment. */
  get sender(): TrackedSide {
    return this.toServer ? this.client : this.server;
  }

  /** Whom it went to. */
  get receiver(): TrackedSide {
    return this.toServer ? this.server : this.client;
  }

  /** A {@link TrackedState}. */
  get state(): number {
    return this.#words[this.#at + Word.state]!;
  }
  set state(value: number) {
    this.#words[this.#at + Word.state] = value;
  }

  /** The first sequence number of the last SYN or SYN+ACK that was not like the first one. */
  get otherSeq(): number {
    return this.#words[this.#at + Word.otherSeq]!;
  }
  set otherSeq(value: number) {
    this.#words[this.#at + Word.otherSeq] = value;
  }

  /** How many of those there were. */
  get repeats(): number {
    return this.#words[this.#at + Word.repeats]!;
  }
  set repeats(value: number) {
    this.#words[this.#at + Word.repeats] = value;
  }

  has(bit: number): boolean {
    return (this.#words[this.#at + Word.bits]! & bit) !== 0;
  }

  mark(bit: number, on = true): void {
    const bits = this.#words[this.#at + Word.bits]!;
    this.#words[this.#at + Word.bits] = on ? bits | bit : bits & ~bit;
  }

  /** Forgets all. */
  clear(): void {
    this.#words.fill(0, this.#at, this.#at + CONNECTION_WORDS);
  }

  /** Tells what is wrong with the segment, which changes nothing then. Always false, so that a function can end with it. */
  refuse(name: StreamEvent): false {
    this.#events.streamEvent(name);
    return false;
  }

  /** Tells what is wrong with the segment, which is believed all the same. */
  note(name: StreamEvent): void {
    this.#events.streamEvent(name);
  }
}

/** How far `to` is ahead of `from`, negative: behind; sequence numbers wrap (RFC 9293 section 3.4). */
export function ahead(from: number, to: number): number {
  return (to - from) | 0;
}
