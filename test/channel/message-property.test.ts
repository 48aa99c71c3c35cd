// Messages in general: every value that can be sent arrives as it was, and no bytes at all do worse than a typed error.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitsOf } from '../../src/channel/attachment.js';
import { checkMessage } from '../../src/channel/check-message.js';
import { decode, encode } from '../../src/channel/codec.js';
import { TapError } from '../../src/errors.js';

const LIMITS = limitsOf({ maxDepth: 20 });

function decodeBytes(bytes: Uint8Array): unknown {
  return decode({ bytes, start: 0, end: bytes.length, memory: 'buffer', release: () => {}, fds: [] }, LIMITS);
}

/** Strings that msgpackr's maps-as-objects keep as they are: not those that mean something to every object. */
const key = fc.string().filter((text) => text !== '__proto__');

const value = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt({ min: 2n ** 64n, max: 2n ** 200n }),
    fc.uint8Array(),
    fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
  ),
  tree: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('tree'), { maxLength: 5 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).tree;

describe('a message', () => {
  it('arrives as it was sent, whatever it is', () => {
    fc.assert(
      fc.property(value, (sent) => {
        expect(decodeBytes(encode([sent]).bytes)).toEqual([sent]);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('of any bytes at all is a value or an error of ours', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(outcomeOf(bytes)).toBe('fine');
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  it('with one byte changed is a value or an error of ours', () => {
    fc.assert(
      fc.property(value, fc.nat(), fc.nat({ max: 255 }), (sent, at, byte) => {
        const bytes = Uint8Array.from(encode([sent]).bytes);
        bytes[at % bytes.length] = byte;
        expect(outcomeOf(bytes)).toBe('fine');
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('that was walked is never cut short', () => {
    fc.assert(
      fc.property(value, fc.nat(), (sent, cut) => {
        const { bytes } = encode([sent]);
        const end = cut % bytes.length;
        expect(() => checkMessage(bytes, 0, end, 20)).toThrow(TapError);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});

function outcomeOf(bytes: Uint8Array): unknown {
  try {
    decodeBytes(bytes);
    return 'fine';
  } catch (error) {
    return error instanceof TapError && error.code === 'ERR_TAP_PROTOCOL' ? 'fine' : error;
  }
}
