// Memory for bytes that wait for a short while, used again and again: in a few sizes, so that what is given back fits
// whoever asks next. What is kept free is bounded; who asks for more than the largest size gets memory of its own.

const SIZES = [256, 512, 1024, 2048, 4096];
/** Free rooms of one size. */
const MAX_FREE = 1024;

/** The free rooms of all sizes. */
export class Rooms {
  readonly #free: readonly Uint8Array[][] = SIZES.map(() => []);

  /** Room for so many bytes at least, with anything in it. */
  take(bytes: number): Uint8Array {
    const which = SIZES.findIndex((size) => bytes <= size);
    if (which < 0) return new Uint8Array(bytes);
    return this.#free[which]!.pop() ?? new Uint8Array(SIZES[which]!);
  }

  /** Nobody looks at it any more. */
  giveBack(room: Uint8Array): void {
    const free = this.#free[SIZES.indexOf(room.length)];
    if (free !== undefined && free.length < MAX_FREE) free.push(room);
  }
}
