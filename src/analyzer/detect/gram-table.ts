// Finds patterns by words of four of their bytes. The bytes are looked at at every `step`th offset only: of each pattern,
// `step` words one behind the other are known, so that one of them lies at such an offset wherever the pattern lies. A
// word's hash is looked up in a map, which is small enough for fast memory and says no to nearly all; what is
// left goes by a hash table to the patterns that have the word, and there by a second word of each, before all bytes are
// compared. Patterns choose words that few others have.

import { type Finds, liesAt, type SharedPattern } from './pattern.js';
import type { WordMemory } from './word-memory.js';

/** The shortest pattern that has a word. */
export const MIN_GRAM_PATTERN = 4;

const GOLDEN = 0x9e3779b1;
/** Makes letters lower case; what else it changes, it changes in patterns and bytes alike. */
const FOLD = 0x20202020;
/** Places of the map for each word in it: so one of 16 words that are in no pattern gets through. */
const PLACES_PER_GRAM = 16;
const MIN_HASH_BITS = 14;
const MAX_HASH_BITS = 18;
const NONE = -1;
const WORD_BYTES = 4;

/** Words of an entry, which lie behind each other: a look at one fetches them all. */
const Entry = {
  /** The word itself. */
  word: 0,
  /** The next entry of the same place in the table; NONE: there is none. */
  next: 1,
  /** Where in the pattern it lies. */
  offset: 2,
  length: 3,
  /** Another word of the pattern, at its other end, and where in the pattern that is. */
  other: 4,
  otherOffset: 5,
  /** The pattern's number. */
  pattern: 6,
} as const;
const ENTRY_WORDS = 8;

/** At every how manieth byte there may be a look, the fewest looks first. */
const STEPS = [8, 4, 2, 1] as const;

/** A word of a pattern. */
interface Gram {
  readonly pattern: SharedPattern;
  /** Where in the pattern it lies. */
  readonly offset: number;
}

/** The largest step at which a pattern of so many bytes, and so all longer ones, can be found. */
export function stepFor(bytes: number): number {
  return STEPS.find((step) => bytes >= MIN_GRAM_PATTERN + step - 1) ?? 0;
}

/** Made once, for patterns of MIN_GRAM_PATTERN bytes and more. */
export class GramTable {
  readonly #step: number;
  readonly #shift: number;
  /** By hash: not 0 if some word has it. */
  readonly #map: Uint8Array;
  readonly #patterns: readonly SharedPattern[];
  /** By hash: the first entry. */
  readonly #first: Int32Array;
  readonly #entries: Int32Array;

  /** One table for all: a second one for the longer of them would have to look at the same bytes again. */
  constructor(patterns: readonly SharedPattern[]) {
    this.#patterns = patterns;
    this.#step = stepFor(Math.min(...patterns.map(({ bytes }) => bytes.length)));
    const grams = chosenGrams(patterns, this.#step);
    const bits = Math.ceil(Math.log2(grams.length * PLACES_PER_GRAM));
    const hashBits = Math.min(Math.max(bits, MIN_HASH_BITS), MAX_HASH_BITS);
    this.#shift = 32 - hashBits;
    this.#map = new Uint8Array(1 << hashBits);
    this.#first = new Int32Array(1 << hashBits).fill(NONE);
    this.#entries = new Int32Array(ENTRY_WORDS * grams.length);
    const numbers = new Map(patterns.map((pattern, number) => [pattern, number]));
    for (const [i, gram] of grams.entries()) this.#insert(gram, numbers.get(gram.pattern)!, ENTRY_WORDS * i);
  }

  /** Tells of each pattern between two offsets. */
  find(memory: WordMemory, start: number, end: number, found: Finds): void {
    if (this.#step === 1) this.#findAtEach(memory, start, end, found);
    else if (this.#step === 2) this.#findAtEven(memory, start, end, found);
    else this.#findAtWords(memory, start, end, found);
  }

  // The loops below look at two words for each branch, and say the same lines over again: both are faster than to be short.

  #findAtWords({ bytes, words }: WordMemory, start: number, end: number, found: Finds): void {
    const map = this.#map;
    const shift = this.#shift;
    const stride = this.#step / WORD_BYTES;
    const last = (end - WORD_BYTES) >> 2;
    for (let i = (start + WORD_BYTES - 1) >>> 2; i <= last; i += 2 * stride) {
      const one = words[i]! | FOLD;
      // Beyond the end it is anything: no pattern that it is in ends before it.
      const two = words[i + stride]! | FOLD;
      if ((map[Math.imul(one, GOLDEN) >>> shift]! | map[Math.imul(two, GOLDEN) >>> shift]!) === 0) continue;
      this.#look(one, WORD_BYTES * i, bytes, start, end, found);
      this.#look(two, WORD_BYTES * (i + stride), bytes, start, end, found);
    }
  }

  /** A word, and one that lies across it and the next. */
  #findAtEven({ bytes, words }: WordMemory, start: number, end: number, found: Finds): void {
    const map = this.#map;
    const shift = this.#shift;
    const last = (end - 1) >> 2;
    let next = words[start >>> 2]!;
    for (let i = start >>> 2; i <= last; i++) {
      const here = next;
      next = words[i + 1]!;
      const one = here | FOLD;
      const two = (here >>> 16) | (next << 16) | FOLD;
      if ((map[Math.imul(one, GOLDEN) >>> shift]! | map[Math.imul(two, GOLDEN) >>> shift]!) === 0) continue;
      this.#look(one, WORD_BYTES * i, bytes, start, end, found);
      this.#look(two, WORD_BYTES * i + 2, bytes, start, end, found);
    }
  }

  #findAtEach({ bytes }: WordMemory, start: number, end: number, found: Finds): void {
    const map = this.#map;
    const shift = this.#shift;
    let word = (bytes[start]! << 8) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 24);
    for (let at = start; at <= end - WORD_BYTES; at++) {
      word = (word >>> 8) | (bytes[at + WORD_BYTES - 1]! << 24);
      if (map[Math.imul(word | FOLD, GOLDEN) >>> shift] !== 0) this.#look(word | FOLD, at, bytes, start, end, found);
    }
  }

  #look(word: number, at: number, bytes: Uint8Array, start: number, end: number, found: Finds): void {
    const entries = this.#entries;
    let entry = this.#first[Math.imul(word, GOLDEN) >>> this.#shift]!;
    for (; entry !== NONE; entry = entries[entry + Entry.next]!) {
      if (entries[entry + Entry.word] !== word) continue;
      const from = at - entries[entry + Entry.offset]!;
      if (from < start || from + entries[entry + Entry.length]! > end) continue;
      if (wordAt(bytes, from + entries[entry + Entry.otherOffset]!) !== entries[entry + Entry.other]) continue;
      const pattern = this.#patterns[entries[entry + Entry.pattern]!]!;
      if (liesAt(pattern.bytes, bytes, from)) for (const id of pattern.ids) found.add(id);
    }
  }

  #insert({ pattern, offset }: Gram, number: number, entry: number): void {
    const { bytes } = pattern;
    const word = wordAt(bytes, offset);
    const otherOffset = otherEnd(bytes.length, offset);
    const hash = Math.imul(word, GOLDEN) >>> this.#shift;
    const next = this.#first[hash]!;
    this.#entries.set([word, next, offset, bytes.length, wordAt(bytes, otherOffset), otherOffset, number], entry);
    this.#first[hash] = entry;
    this.#map[hash] = 1;
  }
}

/** Where a word of the pattern lies that is as far from this one as can be. */
function otherEnd(length: number, offset: number): number {
  const last = length - MIN_GRAM_PATTERN;
  return offset > last - offset ? 0 : last;
}

/** `step` words of each pattern, one behind the other: those that are rarest among all patterns. */
function chosenGrams(patterns: readonly SharedPattern[], step: number): Gram[] {
  const counts = new Map<number, number>();
  for (const { bytes } of patterns) {
    for (let at = 0; at + MIN_GRAM_PATTERN <= bytes.length; at++) {
      const word = wordAt(bytes, at);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return patterns.flatMap((pattern) => {
    const start = rarest(pattern.bytes, step, counts);
    return Array.from({ length: step }, (_, i) => ({ pattern, offset: start + i }));
  });
}

function rarest(bytes: Uint8Array, step: number, counts: ReadonlyMap<number, number>): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let start = 0; start + step - 1 + MIN_GRAM_PATTERN <= bytes.length; start++) {
    let cost = 0;
    for (let at = start; at < start + step; at++) cost += costOf(wordAt(bytes, at), counts);
    if (cost < least) [best, least] = [start, cost];
  }
  return best;
}

/** What a padding is made of, zeros above all, lies everywhere in traffic. */
const COMMON = 100;

function costOf(word: number, counts: ReadonlyMap<number, number>): number {
  const isPadding = ((word >>> 8) & 0xffffff) === (word & 0xffffff);
  return counts.get(word)! + (isPadding ? COMMON : 0);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24) | FOLD;
}
