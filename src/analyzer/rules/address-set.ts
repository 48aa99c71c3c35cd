// The addresses of a rule's header. Made once, asked for each packet: a search by halves in sorted words, nothing allocated.

import { isIP } from 'node:net';
import type { Interval, Intervals } from './intervals.js';
import { parseList } from './list.js';
import { RuleProblem } from './problem.js';
import { type Variables, variableIn } from './variables.js';

/** Where a packet's address is read: word 0 of an IPv4 address, words 0 to 3 of an IPv6 one. */
export type AddressWord = (index: number) => number;

/** IPv6 addresses are the numbers below 2^128; IPv4 ones follow, so that one list holds both. */
const V4_BASE = 1n << 128n;
const V6: Interval = [0n, V4_BASE - 1n];
const V4: Interval = [V4_BASE, V4_BASE + 0xffff_ffffn];
const WORDS = 4;

/** A set of IPv4 and IPv6 addresses. */
export class AddressSet {
  readonly isAny: boolean;
  /** A `!` was in what it was made of. */
  readonly isNegated: boolean;
  readonly #v4: Uint32Array;
  readonly #v6: Uint32Array;

  constructor(intervals: Intervals, isNegated: boolean) {
    this.isAny = intervals.length === 1 && intervals[0]![0] === V6[0] && intervals[0]![1] === V4[1];
    this.isNegated = isNegated;
    this.#v4 = wordsOf(clip(intervals, V4), 1);
    this.#v6 = wordsOf(clip(intervals, V6), WORDS);
  }

  /** `ipVersion`: 4 or 6. */
  has(ipVersion: number, word: AddressWord): boolean {
    if (this.isAny) return true;
    return ipVersion === 4 ? contains(this.#v4, 1, word) : contains(this.#v6, WORDS, word);
  }
}

/** The addresses that a header's word names. Throws a RuleProblem. */
export function parseAddresses(text: string, variables: Variables): AddressSet {
  const variable = (name: string) => variableIn(variables, name);
  return new AddressSet(parseList(text, { kinds: [V6, V4], item: addressItem, variable }), isNegated(text, variable));
}

/** Of a text that was parsed: its variables are there, and none comes back to itself. */
function isNegated(text: string, variable: (name: string) => string): boolean {
  if (text.includes('!')) return true;
  return [...text.matchAll(/\$([^,\]]+)/g)].some(([, name]) => isNegated(variable(name!.trim()), variable));
}

function addressItem(text: string): Intervals {
  const [from, to] = text.split('-');
  if (to !== undefined) return [[addressNumber(from!), addressNumber(to)]];
  const [address, mask] = text.split('/');
  const first = addressNumber(address!);
  const bits = first >= V4_BASE ? 32n : 128n;
  const span = mask === undefined ? 1n : 1n << (bits - prefixLength(mask, bits));
  const base = first >= V4_BASE ? V4_BASE : 0n;
  const start = base + ((first - base) / span) * span;
  return [[start, start + span - 1n]];
}

/** A number of bits, or for IPv4 a mask such as 255.255.0.0. */
function prefixLength(mask: string, bits: bigint): bigint {
  if (isIP(mask) === 4) return BigInt((addressNumber(mask) - V4_BASE).toString(2).replace(/0+$/, '').length);
  if (!/^\d{1,3}$/.test(mask) || BigInt(mask) > bits) throw new RuleProblem(`/${mask} is no prefix length`);
  return BigInt(mask);
}

function addressNumber(text: string): bigint {
  const kind = isIP(text);
  if (kind === 4) return V4_BASE + BigInt(text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0));
  if (kind === 6) return v6Number(text);
  throw new RuleProblem(`${text} is no address`);
}

function v6Number(text: string): bigint {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain =
    dotted === null ? text : `${dotted[1]}${hexPair(dotted[2]!, dotted[3]!)}:${hexPair(dotted[4]!, dotted[5]!)}`;
  const [head, tail] = plain.split('::').map((half) => half.split(':').filter((part) => part !== ''));
  const zeros = Array.from({ length: 8 - head!.length - (tail?.length ?? 0) }, () => '0');
  return [...head!, ...zeros, ...(tail ?? [])].reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n);
}

function hexPair(high: string, low: string): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}

/** The intervals' parts between two numbers, counted from the first of them. */
function clip(intervals: Intervals, [from, to]: Interval): Interval[] {
  return intervals
    .filter(([first, last]) => last >= from && first <= to)
    .map(([first, last]) => [first < from ? 0n : first - from, (last > to ? to : last) - from]);
}

/** First and last of each interval, the most significant word first. */
function wordsOf(intervals: readonly Interval[], words: number): Uint32Array {
  const numbers = intervals.flat();
  return Uint32Array.from(
    numbers.flatMap((number) =>
      Array.from({ length: words }, (_, i) => Number((number >> BigInt(32 * (words - 1 - i))) & 0xffff_ffffn)),
    ),
  );
}

/** Whether the last interval that begins at or before the address reaches it. */
function contains(bounds: Uint32Array, words: number, word: AddressWord): boolean {
  let low = 0;
  let high = bounds.length / (2 * words);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(bounds, middle * 2 * words, words, word) <= 0) low = middle + 1;
    else high = middle;
  }
  return low > 0 && compare(bounds, (low * 2 - 1) * words, words, word) >= 0;
}

/** The sign of bound minus address. */
function compare(bounds: Uint32Array, at: number, words: number, word: AddressWord): number {
  for (let i = 0; i < words; i++) {
    const bound = bounds[at + i]!;
    const ours = word(i);
    if (bound !== ours) return bound < ours ? -1 : 1;
  }
  return 0;
}
