// How much memory segments may take that came out of order, for all connections together. A segment is a copy: the ring
// moves on. When there is no room, a segment is not kept, which is counted, and its bytes become a gap.

/** Default of {@link SegmentPool}'s bytes: Suricata's stream.memcap. */
export const DEFAULT_SEGMENT_BYTES = 64 << 20;

/** What a segment costs beside its bytes: the objects that hold it. Else a million segments of one byte would be cheap. */
const OVERHEAD = 256;

/** A piece of a stream that waits for what comes before it. */
export interface Segment {
  /** Sequence number of its first byte. */
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** The memory, and what became of it. */
export class SegmentPool {
  readonly #limit: number;
  #used = 0;
  #refused = 0;

  constructor(limit = DEFAULT_SEGMENT_BYTES) {
    this.#limit = limit;
  }

  /** Bytes in use, what segments cost beside their bytes included. */
  get used(): number {
    return this.#used;
  }

  /** Segments that were not kept for lack of room. */
  get refused(): number {
    return this.#refused;
  }

  /** A copy of the bytes, or undefined if there is no room. */
  keep(seq: number, bytes: Uint8Array): Segment | undefined {
    if (this.#used + bytes.length + OVERHEAD > this.#limit) return this.refuse();
    this.#used += bytes.length + OVERHEAD;
    return { seq, bytes: bytes.slice() };
  }

  /** Counts a segment that is not kept. */
  refuse(): undefined {
    this.#refused++;
  }

  /** Takes so many bytes for something else; false: there is no room. */
  reserve(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }

  /** Gives such bytes back. */
  giveBack(bytes: number): void {
    this.#used -= bytes;
  }

  release({ bytes }: Segment): void {
    this.#used -= bytes.length + OVERHEAD;
  }
}
