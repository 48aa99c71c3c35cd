// Finds all of many patterns in some bytes. Long ones are looked for at every fourth byte only, and those of four bytes
// and more by hashes of four bytes; the rest by pairs. Which of the three there are is known when the finder is made.

import { GramTable, MIN_GRAM_PATTERN } from './gram-table.js';
import { PairTable } from './pair-table.js';
import { type Finds, type Pattern, sharedPatterns } from './pattern.js';

/** Patterns of this length and more have a whole word of four bytes at some fourth offset, wherever they lie. */
const LONG = MIN_GRAM_PATTERN + 3;

/** Made once for its patterns; which must not be empty. */
export class PatternFinder {
  readonly #long: GramTable | undefined;
  readonly #middle: GramTable | undefined;
  readonly #short: PairTable | undefined;

  constructor(patterns: readonly Pattern[]) {
    const shared = sharedPatterns(patterns);
    const long = shared.filter(({ bytes }) => bytes.length >= LONG);
    const middle = shared.filter(({ bytes }) => bytes.length >= MIN_GRAM_PATTERN && bytes.length < LONG);
    const short = shared.filter(({ bytes }) => bytes.length < MIN_GRAM_PATTERN);
    if (long.length > 0) this.#long = new GramTable(long, 4);
    if (middle.length > 0) this.#middle = new GramTable(middle, 1);
    if (short.length > 0) this.#short = new PairTable(short);
  }

  /** Tells of each pattern that lies in the bytes, once or more often. */
  find(bytes: Uint8Array, found: Finds): void {
    this.#long?.find(bytes, found);
    this.#middle?.find(bytes, found);
    this.#short?.find(bytes, found);
  }
}
