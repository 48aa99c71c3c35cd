// The stretch of a stream that rules look at: bytes are gathered until there are CHUNK_BYTES of them, or until somebody has
// reason to look earlier. Their memory comes from rooms that windows hand on to each other.

import { Rooms } from './rooms.js';

/** Suricata's stream.reassembly.toserver-chunk-size, without its random part. */
export const CHUNK_BYTES = 2560;

const NOTHING = new Uint8Array(0);

const rooms = new Rooms();

/** One direction. */
export class StreamWindow {
  #bytes: Uint8Array = NOTHING;
  #length = 0;
  #taken = 0;

  /** Adds bytes. True: there are enough to look at. */
  add(bytes: Uint8Array): boolean {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this.#length >= CHUNK_BYTES;
  }

  /** Bytes that wait to be looked at. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that it takes. */
  get memory(): number {
    return this.#bytes.length;
  }

  /** Bytes of the stream before those that it holds. */
  get offset(): number {
    return this.#taken;
  }

  /** What has been gathered and not been looked at; valid until the next clear(). */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was gathered has been looked at: its memory is another's. */
  clear(): void {
    rooms.giveBack(this.#bytes);
    this.#bytes = NOTHING;
    this.#taken += this.#length;
    this.#length = 0;
  }

  #grow(more: number): void {
    const grown = rooms.take(this.#length + more);
    grown.set(this.bytes);
    rooms.giveBack(this.#bytes);
    this.#bytes = grown;
  }
}
