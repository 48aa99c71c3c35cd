// One direction of a TCP connection, put in order (RFC 9293 section 3.4). Bytes go to the handler as soon as all before
// them did, each once. Where segments overlap, the byte that came first stands, as Windows has it; a byte that was handed
// on can't be taken back. What the other side has acknowledged and was not seen is a gap. Beyond `depth` bytes from the
// beginning nothing is looked at.

import type { StreamHandler } from '../app/app-types.js';
import type { Segment, SegmentPool } from './segment-pool.js';
import { SentBefore } from './sent-before.js';

/** Segments of one direction that may wait at a time: a list of so many is walked in no time. */
const MAX_PENDING = 1024;

/** Where a direction begins, and where its bytes go. */
export interface StreamSideOptions {
  readonly direction: number;
  /** Sequence number of its first byte. */
  readonly seq: number;
  /** Bytes from the beginning that are looked at. */
  readonly depth: number;
  readonly handler: StreamHandler;
  readonly pool: SegmentPool;
  /** Bytes sent again are compared with those before; default false. */
  readonly compares?: boolean;
}

/** One direction. Its owner calls drop() when it is not needed any more. */
export class StreamSide {
  readonly #direction: number;
  readonly #handler: StreamHandler;
  readonly #pool: SegmentPool;
  /** Ascending, without overlaps, all beyond #next. */
  readonly #pending: Segment[] = [];
  #next: number;
  /** Bytes that may still come. */
  #left: number;
  #finSeq: number | undefined;
  #gaps = 0;
  readonly #sent: SentBefore | undefined;

  constructor({ direction, seq, depth, handler, pool, compares = false }: StreamSideOptions) {
    this.#sent = compares ? new SentBefore(pool) : undefined;
    this.#direction = direction;
    this.#next = seq;
    this.#left = depth;
    this.#handler = handler;
    this.#pool = pool;
  }

  /** Nothing more will be handed on: all came up to its FIN, or up to the depth. */
  get done(): boolean {
    return this.#left === 0 || this.#next === this.#finSeq;
  }

  /** Gaps so far. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Whether so many bytes from this sequence number on are just what comes next: none of them is to be compared or left out. */
  isNext(seq: number, length: number): boolean {
    return (
      seq === this.#next && length < this.#left && this.#pending.length === 0 && this.#sent === undefined && !this.done
    );
  }

  /** Whether all before this sequence number has come. */
  hasCome(seq: number): boolean {
    return distance(this.#next, seq) <= 0;
  }

  /** Takes bytes that nobody reads, and that {@link isNext} holds for. */
  pass(length: number): void {
    this.#advance(length);
    this.#handler.pass?.(this.#direction, length);
  }

  /** Takes a segment's payload; `bytes` are needed during the call only. */
  segment(seq: number, bytes: Uint8Array): void {
    this.#compare(seq, bytes);
    const ahead = distance(this.#next, seq);
    if (this.done || ahead >= this.#left) return;
    // Sent again: what is not new of it is left out.
    if (ahead <= 0) this.#inOrder(ahead === 0 ? bytes : bytes.subarray(-ahead));
    else this.#hold(seq, bytes.subarray(0, this.#left - ahead));
  }

  /** The sender said that its bytes end before this sequence number. */
  fin(seq: number): void {
    if (distance(this.#next, seq) >= 0) this.#finSeq ??= seq;
  }

  /** The receiver has everything before this sequence number: what was not seen of it won't come any more. */
  acknowledged(seq: number): void {
    this.#sent?.acknowledged(seq, this.#next);
    const end = this.#finSeq !== undefined && distance(this.#finSeq, seq) > 0 ? this.#finSeq : seq;
    while (distance(this.#next, end) > 0 && distance(this.#next, end) <= this.#left && !this.done) {
      this.#skipTo(this.#nearer(end));
      this.#drain();
    }
  }

  /** Hands on what waits, with gaps where bytes are missing. */
  flush(): void {
    for (let first = this.#pending[0]; first !== undefined; first = this.#pending[0]) {
      this.#skipTo(first.seq);
      this.#drain();
    }
  }

  /** Gives back the memory of what waits. */
  drop(): void {
    for (const segment of this.#pending) this.#pool.release(segment);
    this.#pending.length = 0;
    this.#sent?.release();
  }

  /** With what was handed on, and with what waits. */
  #compare(seq: number, bytes: Uint8Array): void {
    if (this.#sent === undefined) return;
    const isOther =
      this.#sent.differs(seq, bytes, this.#next) || this.#pending.some((other) => differ(other, seq, bytes));
    if (isOther) this.#handler.notice?.('reassembly_overlap_different_data');
  }

  /** Bytes from #next on; where others wait already, those came first. */
  #inOrder(bytes: Uint8Array): void {
    if (this.#pending.length === 0) return this.#deliver(bytes);
    let rest = bytes;
    while (rest.length > 0) {
      const first = this.#pending[0];
      const free = first === undefined ? rest.length : distance(this.#next, first.seq);
      this.#deliver(rest.subarray(0, free));
      rest = rest.subarray(Math.min(free, rest.length));
      const before = this.#next;
      this.#drain();
      rest = rest.subarray(Math.min(distance(before, this.#next), rest.length));
    }
  }

  #drain(): void {
    for (let first = this.#pending[0]; first?.seq === this.#next; first = this.#pending[0]) {
      this.#pending.shift();
      this.#pool.release(first);
      this.#deliver(first.bytes);
    }
  }

  #deliver(bytes: Uint8Array): void {
    const taken = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
    if (taken.length === 0) return;
    this.#sent?.keep(this.#next, taken);
    this.#advance(taken.length);
    this.#handler.data(this.#direction, taken);
  }

  #skipTo(seq: number): void {
    const length = Math.min(distance(this.#next, seq), this.#left);
    if (length <= 0) return;
    this.#gaps++;
    this.#sent?.forget();
    this.#advance(length);
    this.#handler.gap(this.#direction, length);
  }

  #advance(length: number): void {
    this.#next = (this.#next + length) >>> 0;
    this.#left -= length;
    if (this.#left > 0) return;
    this.#handler.notice?.('reassembly_depth_reached');
    this.drop();
  }

  /** The end, or where something waits before it. */
  #nearer(end: number): number {
    const first = this.#pending[0];
    return first !== undefined && distance(first.seq, end) > 0 ? first.seq : end;
  }

  /** Keeps those bytes that don't wait already, between what does. */
  #hold(seq: number, bytes: Uint8Array): void {
    let at = seq;
    let rest = bytes;
    for (let place = this.#placeOf(seq); rest.length > 0; place++) {
      const other = this.#pending[place];
      const free = other === undefined ? rest.length : Math.min(distance(at, other.seq), rest.length);
      if (free > 0 && !this.#keep(place++, at, rest.subarray(0, free))) return;
      if (other === undefined) return;
      rest = rest.subarray(Math.min(distance(at, endOf(other)), rest.length));
      at = endOf(other);
    }
  }

  #keep(place: number, seq: number, bytes: Uint8Array): boolean {
    const kept = this.#pending.length < MAX_PENDING ? this.#pool.keep(seq, bytes) : this.#pool.refuse();
    if (kept !== undefined) this.#pending.splice(place, 0, kept);
    return kept !== undefined;
  }

  /** Index of the first that ends beyond seq. */
  #placeOf(seq: number): number {
    let place = this.#pending.length;
    while (place > 0 && distance(seq, endOf(this.#pending[place - 1]!)) > 0) place--;
    return place;
  }
}

/** Whether two pieces have different bytes at the same place. */
function differ({ seq: otherSeq, bytes: other }: Segment, seq: number, bytes: Uint8Array): boolean {
  const shift = distance(otherSeq, seq);
  const end = Math.min(bytes.length, other.length - shift);
  for (let i = Math.max(0, -shift); i < end; i++) if (bytes[i] !== other[i + shift]) return true;
  return false;
}

function endOf({ seq, bytes }: Segment): number {
  return (seq + bytes.length) >>> 0;
}

/** How far `to` is ahead of `from`, negative: behind; sequence numbers wrap (RFC 9293 section 3.4). */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}
