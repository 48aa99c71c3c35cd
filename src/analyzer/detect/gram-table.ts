// Finds patterns by words of four of their bytes. The bytes are looked at at every `step`th offset only: of each pattern,
// `step` words one behind the other are known, so that one of them lies at such an offset wherever the pattern lies. A
// word's hash is looked up in a bitmap, which is small enough for the fastest memory and says no to nearly all; what is
// left goes by a hash table to the patterns that have the word, and there by a second word of each, before all bytes are
// compared. Patterns choose words that few others have.

import { type Finds, liesAt, type SharedPattern } from './pattern.js';
import type { WordMemory } from './word-memory.js';

/** The shortest pattern that has a word. */
export const MIN_GRAM_PATTERN = 4;

const GOLDEN = 0x9e3779b1;
/** Makes letters lower case; what else it changes, it changes in patterns and bytes alike. */
const FOLD = 0x20202020;
/** Bits of the bitmap for each word in it: so one of 16 words that are in no pattern gets through. */
const BITS_PER_GRAM = 16;
const MIN_HASH_BITS = 13;
const MAX_HASH_BITS = 24;
const NONE = -1;
const WORD_BYTES = 4;

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
  readonly #bitmap: Uint8Array;
  readonly #grams: readonly Gram[];
  /** The first of the grams with this hash, but for its lowest bits, by number. */
  readonly #first: Int32Array;
  /** By number, as all below: the next gram of the same place in the table. */
  readonly #next: Int32Array;
  readonly #words: Int32Array;
  readonly #offsets: Int32Array;
  readonly #lengths: Int32Array;
  /** Another word of the pattern, at its other end, and where in the pattern that is. */
  readonly #others: Int32Array;
  readonly #otherOffsets: Int32Array;

  /** One table for all: a second one for the longer of them would have to look at the same bytes again. */
  constructor(patterns: readonly SharedPattern[]) {
    this.#step = stepFor(Math.min(...patterns.map(({ bytes }) => bytes.length)));
    const grams = chosenGrams(patterns, this.#step);
    this.#grams = grams;
    const bits = Math.ceil(Math.log2(grams.length * BITS_PER_GRAM));
    const hashBits = Math.min(Math.max(bits, MIN_HASH_BITS), MAX_HASH_BITS);
    this.#shift = 32 - hashBits;
    this.#bitmap = new Uint8Array(1 << (hashBits - 3));
    this.#first = new Int32Array(1 << (hashBits - 3)).fill(NONE);
    this.#next = new Int32Array(grams.length);
    this.#words = Int32Array.from(grams, ({ pattern, offset }) => wordAt(pattern.bytes, offset));
    this.#offsets = Int32Array.from(grams, ({ offset }) => offset);
    this.#lengths = Int32Array.from(grams, ({ pattern }) => pattern.bytes.length);
    this.#otherOffsets = Int32Array.from(grams, otherEnd);
    this.#others = Int32Array.from(grams, (gram) => wordAt(gram.pattern.bytes, otherEnd(gram)));
    for (let i = 0; i < grams.length; i++) this.#insert(i);
  }

  /** Tells of each pattern between two offsets. */
  find(memory: WordMemory, start: number, end: number, found: Finds): void {
    if (this.#step === 1) this.#findAtEach(memory, start, end, found);
    else if (this.#step === 2) this.#findAtEven(memory, start, end, found);
    else this.#findAtWords(memory, start, end, found);
  }

  // The loops below say the same three lines over again: a call in between costs a fifth of the time.

  #findAtWords({ bytes, words }: WordMemory, start: number, end: number, found: Finds): void {
    const bitmap = this.#bitmap;
    const shift = this.#shift;
    const stride = this.#step / WORD_BYTES;
    const last = (end - WORD_BYTES) >> 2;
    for (let i = (start + WORD_BYTES - 1) >>> 2; i <= last; i += stride) {
      const word = words[i]! | FOLD;
      const hash = Math.imul(word, GOLDEN) >>> shift;
      if ((bitmap[hash >>> 3]! & (1 << (hash & 7))) !== 0) this.#look(word, 4 * i, bytes, start, end, found);
    }
  }

  /** A word that lies across two. Those that reach beyond the end are in no pattern that doesn't. */
  #findAtEven({ bytes, words }: WordMemory, start: number, end: number, found: Finds): void {
    const bitmap = this.#bitmap;
    const shift = this.#shift;
    const last = (end - 1) >> 2;
    let next = words[start >>> 2]!;
    for (let i = start >>> 2; i <= last; i++) {
      const here = next;
      next = words[i + 1]!;
      const whole = here | FOLD;
      const first = Math.imul(whole, GOLDEN) >>> shift;
      if ((bitmap[first >>> 3]! & (1 << (first & 7))) !== 0) this.#look(whole, 4 * i, bytes, start, end, found);
      const across = (here >>> 16) | (next << 16) | FOLD;
      const second = Math.imul(across, GOLDEN) >>> shift;
      if ((bitmap[second >>> 3]! & (1 << (second & 7))) !== 0) this.#look(across, 4 * i + 2, bytes, start, end, found);
    }
  }

  #findAtEach({ bytes }: WordMemory, start: number, end: number, found: Finds): void {
    const bitmap = this.#bitmap;
    const shift = this.#shift;
    // What the word loses at one end it gets at the other.
    let above = start < end ? (bytes[start]! << 8) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 24) : 0;
    for (let at = start; at <= end - WORD_BYTES; at++) {
      above = (above >>> 8) | (bytes[at + WORD_BYTES - 1]! << 24);
      const word = above | FOLD;
      const hash = Math.imul(word, GOLDEN) >>> shift;
      if ((bitmap[hash >>> 3]! & (1 << (hash & 7))) !== 0) this.#look(word, at, bytes, start, end, found);
    }
  }

  #look(word: number, at: number, bytes: Uint8Array, start: number, end: number, found: Finds): void {
    const place = (Math.imul(word, GOLDEN) >>> this.#shift) >>> 3;
    for (let i = this.#first[place]!; i !== NONE; i = this.#next[i]!) {
      if (this.#words[i] !== word) continue;
      const from = at - this.#offsets[i]!;
      if (from < start || from + this.#lengths[i]! > end) continue;
      if (wordAt(bytes, from + this.#otherOffsets[i]!) !== this.#others[i]) continue;
      const { pattern } = this.#grams[i]!;
      if (liesAt(pattern.bytes, bytes, from)) for (const id of pattern.ids) found.add(id);
    }
  }

  #insert(index: number): void {
    const hash = Math.imul(this.#words[index]!, GOLDEN) >>> this.#shift;
    this.#bitmap[hash >>> 3]! |= 1 << (hash & 7);
    this.#next[index] = this.#first[hash >>> 3]!;
    this.#first[hash >>> 3] = index;
  }
}
/** Where a word lies that is as far from this one as can be. */
function otherEnd({ pattern, offset }: Gram): number {
  const last = pattern.bytes.length - MIN_GRAM_PATTERN;
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
