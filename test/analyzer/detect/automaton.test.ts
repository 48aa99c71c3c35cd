import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Automaton } from '../../../src/analyzer/detect/automaton.js';

const few = fc
  .uint8Array({ minLength: 1, maxLength: 4, max: 3 })
  .map((bytes) => bytes.map((byte) => [65, 97, 66, 0][byte]!));
const lower = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1').toLowerCase();

describe('the automaton', () => {
  it('finds each pattern wherever it ends, whatever the case, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(few, { maxLength: 8 }), fc.array(few, { maxLength: 12 }), (patterns, parts) => {
        const bytes = Uint8Array.from(Buffer.concat(parts));
        const hits: string[] = [];
        new Automaton(patterns.map((pattern, id) => ({ bytes: pattern, id }))).scan(bytes, (id, end) =>
          hits.push(`${id} ${end}`),
        );
        const expected = patterns.flatMap((pattern, id) =>
          Array.from({ length: bytes.length + 1 }, (_, end) => end)
            .filter(
              (end) => end >= pattern.length && lower(bytes.subarray(end - pattern.length, end)) === lower(pattern),
            )
            .map((end) => `${id} ${end}`),
        );
        expect(hits.sort()).toEqual(expected.sort());
      }),
    );
  });
});
