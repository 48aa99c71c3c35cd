import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PatternFinder } from '../../../src/analyzer/detect/pattern-finder.js';

/** Patterns of all lengths over few bytes, so that they overlap and contain each other. */
const pattern = fc
  .uint8Array({ minLength: 1, maxLength: 9, max: 3 })
  .map((bytes) => bytes.map((byte) => [65, 97, 66, 0][byte]!));
const lower = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1').toLowerCase();

function found(patterns: readonly Uint8Array[], bytes: Uint8Array): number[] {
  const ids = new Set<number>();
  new PatternFinder(patterns.map((one, id) => ({ bytes: one, id }))).findIn(bytes, 0, ids);
  return [...ids].sort((a, b) => a - b);
}

function expected(patterns: readonly Uint8Array[], bytes: Uint8Array): number[] {
  return [...patterns.keys()].filter((id) => lower(bytes).includes(lower(patterns[id]!)));
}

describe('the finder of patterns', () => {
  it('finds each pattern that lies in the bytes, whatever the case, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 8 }), fc.array(pattern, { maxLength: 12 }), (patterns, parts) => {
        const bytes = Uint8Array.from(Buffer.concat(parts));
        expect(found(patterns, bytes)).toEqual(expected(patterns, bytes));
      }),
      { seed: 20_261_121 },
    );
  });

  it('finds a pattern at every offset, up to the last byte', () => {
    for (let length = 1; length <= 16; length++) {
      const one = Uint8Array.from({ length }, (_, i) => 0x61 + i);
      for (let at = 0; at < 12; at++) {
        const bytes = Buffer.concat([Buffer.alloc(at, 0x2e), one]);
        expect(found([one], bytes)).toEqual([0]);
        expect(found([one], bytes.subarray(0, -1))).toEqual([]);
      }
    }
  });

  it('finds nothing in no bytes, and nothing without patterns', () => {
    expect(found([Uint8Array.of(1)], new Uint8Array(0))).toEqual([]);
    expect(found([], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))).toEqual([]);
  });
});
