// Finds patterns of one to three bytes by a pair of theirs, at every second byte if all of them have two pairs. Few rules
// look for so little first, and most of those that do say where.

import { type Finds, LOWER, liesAt, type SharedPattern } from './pattern.js';

const PAIRS = 65_536;

/** A pattern that has the pair, and where. */
interface Place {
  readonly pattern: SharedPattern;
  readonly offset: number;
}

/** Made once. */
export class PairTable {
  readonly #step: 1 | 2;
  readonly #isKnown = new Uint8Array(PAIRS);
  readonly #byPair = new Map<number, Place[]>();
  /** By byte: the pattern that is that byte alone. */
  readonly #single: (SharedPattern | undefined)[] = [];

  constructor(patterns: readonly SharedPattern[]) {
    this.#step = patterns.every(({ bytes }) => bytes.length === 3) ? 2 : 1;
    for (const pattern of patterns) {
      if (pattern.bytes.length === 1) this.#single[pattern.bytes[0]!] = pattern;
      for (let offset = 0; offset < this.#step; offset++) {
        for (const pair of pairsOf(pattern.bytes, offset)) this.#insert(pair, { pattern, offset });
      }
    }
  }

  /** Tells of each pattern between two offsets. */
  find(bytes: Uint8Array, start: number, end: number, found: Finds): void {
    const isKnown = this.#isKnown;
    const step = this.#step;
    const last = end - 1;
    for (let at = start; at < last; at += step) {
      const pair = LOWER[bytes[at]!]! | (LOWER[bytes[at + 1]!]! << 8);
      if (isKnown[pair] !== 0) this.#look(bytes, at, pair, start, end, found);
    }
    const single = last < start ? undefined : this.#single[LOWER[bytes[last]!]!];
    if (single !== undefined) for (const id of single.ids) found.add(id);
  }

  #look(bytes: Uint8Array, at: number, pair: number, start: number, end: number, found: Finds): void {
    for (const { pattern, offset } of this.#byPair.get(pair)!) {
      const from = at - offset;
      if (from < start || from + pattern.bytes.length > end) continue;
      if (liesAt(pattern.bytes, bytes, from)) for (const id of pattern.ids) found.add(id);
    }
  }

  #insert(pair: number, place: Place): void {
    const places = this.#byPair.get(pair) ?? [];
    places.push(place);
    this.#byPair.set(pair, places);
    this.#isKnown[pair] = 1;
  }
}

/** A single byte begins any pair with it. */
function pairsOf(pattern: Uint8Array, offset: number): number[] {
  const first = pattern[offset]!;
  const second = pattern[offset + 1];
  if (second !== undefined) return [first | (second << 8)];
  return Array.from({ length: 256 }, (_, byte) => first | (byte << 8));
}
