// Finds all of many patterns in some bytes: by words of four of them, and patterns that have none by pairs. What is to lie
// in the first few bytes is looked for there only, unless it can be found on the way with all others. Which patterns
// there are is known when the finder is made.

import { GramTable, MIN_GRAM_PATTERN, stepFor } from './gram-table.js';
import { PairTable } from './pair-table.js';
import { type Finds, type Pattern, type SharedPattern, sharedPatterns } from './pattern.js';
import { WordMemory } from './word-memory.js';

/** Where bytes lie while they are looked at that others hold. */
const scratch = new WordMemory(2048);

/** Some of the patterns, in the bytes before an offset. */
class Prefix {
  readonly #endBefore: number;
  readonly #grams: GramTable | undefined;
  readonly #pairs: PairTable | undefined;

  constructor(patterns: readonly SharedPattern[]) {
    this.#endBefore = Math.max(0, ...patterns.map(({ endBefore }) => endBefore));
    const long = patterns.filter(({ bytes }) => bytes.length >= MIN_GRAM_PATTERN);
    const short = patterns.filter(({ bytes }) => bytes.length < MIN_GRAM_PATTERN);
    if (long.length > 0) this.#grams = new GramTable(long);
    if (short.length > 0) this.#pairs = new PairTable(short);
  }

  find(memory: WordMemory, start: number, end: number, skipped: number, found: Finds): void {
    const before = Math.min(end, start + this.#endBefore - skipped);
    if (before <= start) return;
    this.#grams?.find(memory, start, before, found);
    this.#pairs?.find(memory.bytes, start, before, found);
  }
}

/** Made once for its patterns. */
export class PatternFinder {
  readonly #anywhere: Prefix;
  readonly #beginning: Prefix | undefined;
  /** Bytes of the longest pattern; 0: there is none. */
  readonly longest: number;

  constructor(patterns: readonly Pattern[]) {
    const shared = sharedPatterns(patterns);
    this.longest = Math.max(0, ...shared.map(({ bytes }) => bytes.length));
    const unbound = shared.filter(({ endBefore }) => endBefore === Number.POSITIVE_INFINITY);
    const step = stepFor(Math.min(...unbound.map(({ bytes }) => bytes.length)));
    const isOnTheWay = ({ bytes, endBefore }: SharedPattern) =>
      endBefore === Number.POSITIVE_INFINITY || (unbound.length > 0 && stepFor(bytes.length) >= Math.max(step, 1));
    this.#anywhere = new Prefix(shared.filter(isOnTheWay));
    const bound = shared.filter((pattern) => !isOnTheWay(pattern));
    if (bound.length > 0) this.#beginning = new Prefix(bound);
  }

  /** There is nothing to find. */
  get isEmpty(): boolean {
    return this.longest === 0;
  }

  /**
   * Tells of each pattern that lies between two offsets of the memory, once or more often. `skipped`: so many bytes came
   * before these.
   */
  find(memory: WordMemory, start: number, end: number, found: Finds, skipped = 0): void {
    this.#anywhere.find(memory, start, end, skipped, found);
    this.#beginning?.find(memory, start, end, skipped, found);
  }

  /** The same for bytes that lie anywhere, from an offset on. */
  findIn(bytes: Uint8Array, from: number, found: Finds): void {
    const rest = from === 0 ? bytes : bytes.subarray(from);
    scratch.load(rest);
    this.find(scratch, 0, rest.length, found, from);
  }
}
