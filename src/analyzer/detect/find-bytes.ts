// Bytes within bytes.

import { LOWER } from './pattern.js';

/** Where to look for what. */
export interface Search {
  readonly bytes: Uint8Array;
  /** In lower case if `nocase`. */
  readonly pattern: Uint8Array;
  readonly nocase: boolean;
}

/** Below so many bytes, Node's own search takes longer to begin than this one to end. */
const MIN_NATIVE = 64;

/** The first offset from `from` on where the pattern lies whole before `to`; -1: nowhere. */
export function findBytes({ bytes, pattern, nocase }: Search, from: number, to: number): number {
  const start = Math.max(from, 0);
  const last = Math.min(to, bytes.length) - pattern.length;
  if (last < start) return -1;
  // That one goes on to the end of the bytes, wherever the pattern must lie.
  if (!nocase && to >= bytes.length && last - start >= MIN_NATIVE)
    return Buffer.prototype.indexOf.call(bytes, pattern, start);
  return nocase ? findLower(bytes, pattern, start, last) : findExact(bytes, pattern, start, last);
}

function findExact(bytes: Uint8Array, pattern: Uint8Array, start: number, last: number): number {
  const first = pattern[0];
  for (let at = start; at <= last; at++) {
    if (bytes[at] !== first) continue;
    let i = 1;
    while (i < pattern.length && bytes[at + i] === pattern[i]) i++;
    if (i >= pattern.length) return at;
  }
  return -1;
}

function findLower(bytes: Uint8Array, pattern: Uint8Array, start: number, last: number): number {
  const first = pattern[0];
  for (let at = start; at <= last; at++) {
    if (LOWER[bytes[at]!] !== first) continue;
    let i = 1;
    while (i < pattern.length && LOWER[bytes[at + i]!] === pattern[i]) i++;
    if (i >= pattern.length) return at;
  }
  return -1;
}
