// The last bytes of a direction, so that what is sent again can be compared with what was there: whoever shows us others than
// the receiver wants to hide something. A ring of bytes, made with the first of them from the memory that segments share; when
// there is none left, nothing is compared.

import type { SegmentPool } from './segment-pool.js';

/** A power of two: as far back as is compared. */
const KEPT_BYTES = 4096;

export class SentBefore {
  readonly #pool: SegmentPool;
  #ring: Uint8Array | undefined;
  /** Bytes of the ring that are filled. */
  #filled = 0;
  #isRefused = false;

  constructor(pool: SegmentPool) {
    this.#pool = pool;
  }

  /** Keeps the stream's next bytes, from `seq` on. */
  keep(seq: number, bytes: Uint8Array): void {
    const ring = this.#ring ?? this.#make();
    if (ring === undefined) return;
    const first = Math.max(0, bytes.length - KEPT_BYTES);
    for (let i = first; i < bytes.length; i++) ring[(seq + i) & (KEPT_BYTES - 1)] = bytes[i]!;
    this.#filled = Math.min(this.#filled + bytes.length, KEPT_BYTES);
  }

  /** What is kept belongs to other places from now on: bytes were lost. */
  forget(): void {
    this.#filled = 0;
  }

  /** The receiver has everything before this sequence number: others there reach nobody. */
  acknowledged(seq: number, next: number): void {
    this.#filled = Math.min(this.#filled, Math.max(0, (next - seq) | 0));
  }

  /** Whether a byte of a segment at `seq` is another one than before; the stream goes on at `next`. */
  differs(seq: number, bytes: Uint8Array, next: number): boolean {
    const ring = this.#ring;
    if (ring === undefined) return false;
    const behind = (next - seq) | 0;
    const end = Math.min(behind, bytes.length);
    for (let i = Math.max(0, behind - this.#filled); i < end; i++) {
      if (ring[(seq + i) & (KEPT_BYTES - 1)] !== bytes[i]) return true;
    }
    return false;
  }

  /** Gives the memory back. */
  release(): void {
    if (this.#ring !== undefined) this.#pool.giveBack(KEPT_BYTES);
    this.#ring = undefined;
    this.#isRefused = true;
  }

  #make(): Uint8Array | undefined {
    if (this.#isRefused || !this.#pool.reserve(KEPT_BYTES)) {
      this.#isRefused = true;
      return undefined;
    }
    this.#ring = new Uint8Array(KEPT_BYTES);
    return this.#ring;
  }
}
