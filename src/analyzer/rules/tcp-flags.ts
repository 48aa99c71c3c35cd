// The value of `flags`: `S`, `+SA` or `SA+`, `!R`, `*FS`, `S,CE` (the last: whatever C and E are).

import { RuleProblem } from './problem.js';

const BITS: Readonly<Record<string, number>> = {
  F: 1,
  S: 2,
  R: 4,
  P: 8,
  A: 16,
  U: 32,
  E: 64,
  2: 64,
  C: 128,
  1: 128,
  0: 0,
};

/** Whether a segment's flags are as wanted. Throws a RuleProblem. */
export function parseFlags(text: string): (flags: number) => boolean {
  const [, before = '', letters = '', behind = '', ignored = ''] =
    /^([+*!]?)\s*([FSRPAUECN120]+)([+*!]?)\s*(?:,\s*([FSRPAUEC12]+))?$/i.exec(text) ?? [];
  if (letters === '' || (before !== '' && behind !== '')) throw new RuleProblem(`flags: ${text}`);
  const operator = before || behind;
  const wanted = bitsOf(letters);
  const kept = 255 & ~bitsOf(ignored);
  if (operator === '+') return (flags) => (flags & kept & wanted) === wanted;
  if (operator === '*') return (flags) => (flags & kept & wanted) !== 0;
  if (operator === '!') return (flags) => (flags & kept & wanted) === 0;
  return (flags) => (flags & kept) === wanted;
}

function bitsOf(letters: string): number {
  return [...letters.toUpperCase()].reduce((bits, letter) => bits | (BITS[letter] ?? 0), 0);
}
