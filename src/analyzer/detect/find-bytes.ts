// Bytes within bytes.

import { lowerCase } from '../rules/keywords/content.js';

/** Where to look for what. */
export interface Search {
  readonly bytes: Uint8Array;
  /** In lower case if `nocase`. */
  readonly pattern: Uint8Array;
  readonly nocase: boolean;
}

/** The first offset from `from` on where the pattern lies whole before `to`; -1: nowhere. */
export function findBytes(search: Search, from: number, to: number): number {
  const last = Math.min(to, search.bytes.length) - search.pattern.length;
  for (let at = Math.max(from, 0); at <= last; at++) if (isAt(search, at)) return at;
  return -1;
}

function isAt({ bytes, pattern, nocase }: Search, at: number): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const byte = bytes[at + i]!;
    if (byte !== pattern[i] && !(nocase && lowerCase(byte) === pattern[i])) return false;
  }
  return true;
}
