// Finds all of many patterns in some bytes: by words of four bytes, long patterns at every fourth byte only, those of five
// and six bytes at every second; and the short ones by pairs. Which of them there are is known when the finder is made.

import { GramTable, MIN_GRAM_PATTERN } from './gram-table.js';
import { PairTable } from './pair-table.js';
import { type Finds, type Pattern, sharedPatterns } from './pattern.js';

/** Shortest patterns of tables of words, the longest first, and at every how manieth byte those look. */
const TABLES = [4, 2, 1].map((step) => ({ step, minBytes: MIN_GRAM_PATTERN + step - 1 }));

/** Made once for its patterns. */
export class PatternFinder {
  readonly #tables: readonly GramTable[];
  readonly #pairs: PairTable | undefined;

  constructor(patterns: readonly Pattern[]) {
    let rest = sharedPatterns(patterns);
    const tables: GramTable[] = [];
    for (const { step, minBytes } of TABLES) {
      const long = rest.filter(({ bytes }) => bytes.length >= minBytes);
      rest = rest.filter(({ bytes }) => bytes.length < minBytes);
      if (long.length > 0) tables.push(new GramTable(long, step));
    }
    this.#tables = tables;
    if (rest.length > 0) this.#pairs = new PairTable(rest);
  }

  /** Tells of each pattern that lies in the bytes, once or more often. */
  find(bytes: Uint8Array, found: Finds): void {
    if (this.#tables.length > 0) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let i = 0; i < this.#tables.length; i++) this.#tables[i]!.find(bytes, view, found);
    }
    this.#pairs?.find(bytes, found);
  }
}
