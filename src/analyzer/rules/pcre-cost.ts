// Whether an expression could take for ever on an engine that backtracks. Repetitions of what varies in length do, if the
// same bytes can be divided among the rounds in more than one way: with each round the ways multiply. A round is told
// apart if whatever varies in it is followed by something that it can't be itself.

import { type ByteSet, type Item, parseExpression, type Sequence } from './pcre-tree.js';

/** So many rounds, or more, are as good as any number. */
const MANY_ROUNDS = 8;

/** More than so many choices in a group are taken for too many. */
const MAX_WAYS = 64;

const NO_BYTES: ByteSet = Array<boolean>(256).fill(false);

/** Whether the expression repeats something whose rounds can't be told apart. `source` is in JavaScript's spelling. */
export function mayTakeForEver(source: string): boolean {
  return parseExpression(source).some(repeatsBlindly);
}

function repeatsBlindly(sequence: Sequence): boolean {
  return sequence.some(({ node, max }) => {
    if (node.kind !== 'group' && node.kind !== 'look') return false;
    if (node.alternatives.some(repeatsBlindly)) return true;
    if (node.kind === 'look' || max < MANY_ROUNDS) return false;
    return node.alternatives.every(isFixed) ? areAmbiguous(node.alternatives) : !isTold(node.alternatives);
  });
}

/** A single way through, in which all that varies ends at what it isn't. */
function isTold(alternatives: readonly Sequence[]): boolean {
  const [only, ...others] = alternatives;
  if (only === undefined || others.length > 0) return false;
  const items = only.flatMap(plain);
  return items.every((item, i) => {
    if (isFixed([item])) return true;
    if (item.min === item.max) return false;
    const next = items[(i + 1) % items.length]!;
    return next !== item && next.min === next.max && next.min > 0 && areApart(allOf(item), firstOf(next));
  });
}

/** A group that is there once is its items; what looks around takes no bytes. */
function plain(item: Item): Item[] {
  const { node, min, max } = item;
  if (node.kind === 'look') return [];
  const [only, ...others] = node.kind === 'group' ? node.alternatives : [];
  return only !== undefined && others.length === 0 && min === 1 && max === 1 ? only.flatMap(plain) : [item];
}

function isFixed(sequence: Sequence): boolean {
  return sequence.every(({ node, min, max }) => {
    if (node.kind === 'look') return true;
    return min === max && (node.kind === 'atom' || (node.kind === 'group' && node.alternatives.every(isFixed)));
  });
}

/** Whether bytes that one alternative matches can be matched by others, one or several. All are fixed. */
function areAmbiguous(alternatives: readonly Sequence[]): boolean {
  if (sum(alternatives.map(countWays)) > MAX_WAYS) return true;
  const ways = alternatives.flatMap(waysOf).sort((a, b) => a.length - b.length);
  const beginnings = ways.map((way) => way[0] ?? NO_BYTES);
  return ways.some((short, i) =>
    ways.slice(i + 1).some((long) => {
      if (!short.every((set, at) => !areApart(set, long[at]!))) return false;
      const next = long[short.length];
      return next === undefined || beginnings.some((set) => !areApart(set, next));
    }),
  );
}

/** Choices multiply: so many ways that they need not be counted one by one. */
function countWays(sequence: Sequence): number {
  return sequence.reduce((ways, { node, min }) => {
    return node.kind === 'group' ? ways * sum(node.alternatives.map(countWays)) ** min : ways;
  }, 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

/** The sets of a fixed sequence, one way for each choice in it. */
function waysOf(sequence: Sequence): ByteSet[][] {
  return sequence.reduce<ByteSet[][]>(
    (ways, { node, min }) => {
      if (node.kind === 'look' || node.kind === 'reference') return ways;
      const once = node.kind === 'atom' ? [[node.set]] : node.alternatives.flatMap(waysOf);
      for (let round = 0; round < min; round++) ways = ways.flatMap((way) => once.map((more) => [...way, ...more]));
      return ways;
    },
    [[]],
  );
}

function allOf({ node }: Item): ByteSet {
  if (node.kind === 'atom') return node.set;
  if (node.kind === 'reference') return NO_BYTES.map(() => true);
  return union(node.alternatives.flatMap((sequence) => sequence.map(allOf)));
}

function firstOf({ node }: Item): ByteSet {
  if (node.kind !== 'group') return allOf({ node, min: 1, max: 1 });
  const firsts = node.alternatives.map((sequence) => sequence.flatMap(plain)[0]);
  // One that may be passed over says nothing of what comes first.
  if (firsts.some((first) => first === undefined || first.min === 0)) return NO_BYTES.map(() => true);
  return union(firsts.map((first) => firstOf(first!)));
}

function union(sets: readonly ByteSet[]): ByteSet {
  return NO_BYTES.map((_, byte) => sets.some((set) => set[byte]));
}

function areApart(one: ByteSet, other: ByteSet): boolean {
  return !one.some((has, byte) => has && other[byte]);
}
