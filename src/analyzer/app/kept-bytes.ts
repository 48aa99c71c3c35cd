// The beginning of something that comes in pieces: as many bytes as its bound allows, for whoever looks at them later. They
// lie behind each other in memory that grows by doubling, or, if somebody said how much will come, to just that.

import { BytePool } from './byte-pool.js';

const NOTHING = new Uint8Array(0);
/** Of what is only announced so much is believed at once. */
const FIRST_ROOM = 16_384;
const LEAST_ROOM = 1024;

const pool = new BytePool();

export class KeptBytes {
  readonly #maxBytes: number;
  #memory: Uint8Array = NOTHING;
  #length = 0;
  /** Bytes that may come; 0: nobody knows. */
  #expected = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes kept. */
  get length(): number {
    return this.#length;
  }

  /** There may have been more. */
  get isFull(): boolean {
    return this.#length >= this.#maxBytes;
  }

  /** So many bytes are announced. */
  expect(bytes: number): void {
    this.#expected = Math.min(bytes, this.#maxBytes);
  }

  /** Copies what there is room for; how many bytes that was. */
  add(piece: Uint8Array): number {
    const taken = Math.min(piece.length, this.#maxBytes - this.#length);
    if (taken <= 0) return 0;
    if (this.#length + taken > this.#memory.length) this.#grow(this.#length + taken);
    this.#memory.set(taken === piece.length ? piece : piece.subarray(0, taken), this.#length);
    this.#length += taken;
    return taken;
  }

  /** All in one; valid until the next add(). */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length);
  }

  /** Nobody looks at the bytes any more: their memory is another's. What comes now is kept from the beginning. */
  letGo(): void {
    pool.giveBack(this.#memory);
    this.#memory = NOTHING;
    this.#length = 0;
  }

  #grow(needed: number): void {
    const doubled = Math.max(needed, 2 * this.#memory.length, LEAST_ROOM);
    const announced = this.#expected < needed ? doubled : Math.min(this.#expected, Math.max(doubled, FIRST_ROOM));
    const memory = pool.take(Math.min(announced, this.#maxBytes));
    memory.set(this.bytes);
    pool.giveBack(this.#memory);
    this.#memory = memory;
  }
}
