// What is looked for in bytes, whatever the case of letters: who finds it looks again.

import { lowerCase } from '../rules/keywords/content.js';

/** One pattern, and what is told when it is found. */
export interface Pattern {
  readonly bytes: Uint8Array;
  readonly id: number;
  /** It is of use only if it ends at this offset or before; default: wherever. */
  readonly endBefore?: number;
}

/** Told of a pattern's id, as often as it is found. */
export interface Finds {
  add(id: number): void;
}

/** Each byte in lower case. */
export const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => lowerCase(byte));

/** A pattern in lower case, and all that look for it. */
export interface SharedPattern {
  readonly bytes: Uint8Array;
  readonly ids: readonly number[];
  /** See {@link Pattern.endBefore}; the last of all that look for it. */
  readonly endBefore: number;
}

/** Equal patterns become one. */
export function sharedPatterns(patterns: readonly Pattern[]): SharedPattern[] {
  const byText = new Map<string, { bytes: Uint8Array; ids: number[]; endBefore: number }>();
  for (const { bytes, id, endBefore = Number.POSITIVE_INFINITY } of patterns) {
    const lower = bytes.map((byte) => LOWER[byte]!);
    const text = Buffer.from(lower).toString('latin1');
    const shared = byText.get(text) ?? { bytes: lower, ids: [], endBefore };
    shared.ids.push(id);
    shared.endBefore = Math.max(shared.endBefore, endBefore);
    byText.set(text, shared);
  }
  return [...byText.values()];
}

/** Whether the pattern lies at this offset, which leaves room for it. */
export function liesAt(pattern: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < pattern.length; i++) if (LOWER[bytes[at + i]!] !== pattern[i]) return false;
  return true;
}
