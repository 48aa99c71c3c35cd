// Memory for bytes that wait for a short while, used again and again: in a few sizes, so that what is given back fits
// whoever asks next. What is kept free is bounded; who asks for more than the largest size gets memory of its own.

import { WordMemory } from './word-memory.js';

const SIZES = [256, 1024, 4096];
/** Free rooms of one size. */
const MAX_FREE = 1024;

/** Memory, and how much of it may be used. */
export interface Room {
  readonly memory: WordMemory;
  readonly size: number;
}

/** The free rooms of all sizes. */
export class Rooms {
  readonly #free: readonly Room[][] = SIZES.map(() => []);

  /** Room for so many bytes at least, with anything in it. */
  take(bytes: number): Room {
    const which = SIZES.findIndex((size) => bytes <= size);
    const size = SIZES[which] ?? bytes;
    return this.#free[which]?.pop() ?? { memory: new WordMemory(size), size };
  }

  /** Nobody looks at it any more. */
  giveBack(room: Room): void {
    const free = this.#free[SIZES.indexOf(room.size)];
    if (free !== undefined && free.length < MAX_FREE) free.push(room);
  }
}
