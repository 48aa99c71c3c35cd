import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanosecondsOf, secondsOf } from '../../src/packet/timestamp.js';

const SECOND = 1_000_000_000n;

function halves(ns: bigint): [number, number] {
  return [Number(ns >> 32n), Number(ns & 0xffffffffn)];
}

describe('a timestamp in two halves', () => {
  it('is split exactly, wherever in its 64 bits it lies', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (ns) => {
        expect(BigInt(secondsOf(...halves(ns)))).toBe(ns / SECOND);
        expect(BigInt(nanosecondsOf(...halves(ns)))).toBe(ns % SECOND);
      }),
      { seed: 1, numRuns: 5000 },
    );
  });

  it('is split exactly on both sides of a second, from the first to the last there is', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 18_446_744_073n), fc.bigInt(-3n, 3n), (seconds, beside) => {
        const ns = seconds * SECOND + beside;
        expect(BigInt(secondsOf(...halves(ns)))).toBe(ns / SECOND);
        expect(BigInt(nanosecondsOf(...halves(ns)))).toBe(ns % SECOND);
      }),
      { seed: 1, numRuns: 5000 },
    );
  });
});
