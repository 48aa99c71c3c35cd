import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { highWord, lowWord } from '../../src/savefile/pcapng/timestamp.js';

describe('the words of a pcapng timestamp', () => {
  it('are exact over all 64 bits', () => {
    const everyCorner = [0n, 1n, 0xffff_ffffn, 0x1_0000_0000n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (ns) => {
        const [sec, nsec] = [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
        const low = lowWord(sec, nsec);
        expect((BigInt(highWord(sec, nsec, low)) << 32n) | BigInt(low)).toBe(ns);
      }),
      { seed: 1, numRuns: 2000, examples: everyCorner.map((ns) => [ns]) },
    );
  });
});
