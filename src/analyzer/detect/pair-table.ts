// Finds patterns of one to three bytes, by the pair that they begin with. Few rules look for so little first.

import { type Finds, LOWER, liesAt, type SharedPattern } from './pattern.js';

const PAIRS = 65_536;

/** Made once. */
export class PairTable {
  readonly #isFirst = new Uint8Array(PAIRS);
  readonly #byPair = new Map<number, SharedPattern[]>();
  /** By byte: the pattern that is that byte alone. */
  readonly #single: (SharedPattern | undefined)[] = [];

  constructor(patterns: readonly SharedPattern[]) {
    for (const pattern of patterns) {
      if (pattern.bytes.length === 1) this.#single[pattern.bytes[0]!] = pattern;
      for (const pair of pairsOf(pattern.bytes)) this.#insert(pair, pattern);
    }
  }

  find(bytes: Uint8Array, found: Finds): void {
    const isFirst = this.#isFirst;
    const last = bytes.length - 1;
    for (let at = 0; at < last; at++) {
      const pair = LOWER[bytes[at]!]! | (LOWER[bytes[at + 1]!]! << 8);
      if (isFirst[pair] !== 0) this.#look(bytes, at, pair, found);
    }
    const single = last < 0 ? undefined : this.#single[LOWER[bytes[last]!]!];
    if (single !== undefined) for (const id of single.ids) found.add(id);
  }

  #look(bytes: Uint8Array, at: number, pair: number, found: Finds): void {
    for (const { bytes: pattern, ids } of this.#byPair.get(pair)!) {
      if (liesAt(pattern, bytes, at)) for (const id of ids) found.add(id);
    }
  }

  #insert(pair: number, pattern: SharedPattern): void {
    this.#isFirst[pair] = 1;
    this.#byPair.set(pair, [...(this.#byPair.get(pair) ?? []), pattern]);
  }
}

/** A single byte begins any pair with it. */
function pairsOf(pattern: Uint8Array): number[] {
  const [first, second] = pattern;
  if (second !== undefined) return [first! | (second << 8)];
  return Array.from({ length: 256 }, (_, byte) => first! | (LOWER[byte]! << 8));
}
