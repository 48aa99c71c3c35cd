// Memory for bytes that are kept for a short while, used again and again: to take new memory from the system and clear it
// costs more than what is put into it. In sizes by powers of two; what is kept free is bounded.

const LEAST_BITS = 10;
const MAX_BITS = 17;

/** Free bytes of one size. */
const MAX_FREE_BYTES = 1 << 20;

/** The free memory of all sizes: 8 MiB at most. */
export class BytePool {
  readonly #free: readonly Uint8Array[][] = Array.from({ length: MAX_BITS - LEAST_BITS + 1 }, () => []);

  /** Memory for so many bytes at least, with anything in it. */
  take(bytes: number): Uint8Array {
    const which = sizeIndex(bytes);
    return this.#free[which]?.pop() ?? new Uint8Array(which < this.#free.length ? 1 << (which + LEAST_BITS) : bytes);
  }

  /** Nobody looks at it any more. Memory that is not of the pool's sizes is left to the garbage collector. */
  giveBack(memory: Uint8Array): void {
    const which = sizeIndex(memory.length);
    const free = this.#free[which];
    if (free === undefined || memory.length !== 1 << (which + LEAST_BITS)) return;
    if ((free.length + 1) * memory.length <= MAX_FREE_BYTES) free.push(memory);
  }
}

/** Of the smallest size that holds them; beyond all sizes: larger than any index. */
function sizeIndex(bytes: number): number {
  return Math.max(0, 32 - Math.clz32(Math.max(bytes, 1) - 1) - LEAST_BITS);
}
