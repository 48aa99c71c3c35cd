import { describe, expect, it } from 'vitest';
import { KeptBytes } from '../../../src/analyzer/app/kept-bytes.js';

const MAX_BYTES = 5000;

/** Bytes of one value. */
const piece = (length: number, value: number) => new Uint8Array(length).fill(value);

describe('kept bytes', () => {
  it('are those that came first, up to the bound', () => {
    const kept = new KeptBytes(MAX_BYTES);
    expect([kept.add(piece(3000, 1)), kept.add(piece(3000, 2)), kept.add(piece(1, 3))]).toEqual([3000, 2000, 0]);
    expect(kept.isFull).toBe(true);
    expect(kept.bytes).toEqual(Uint8Array.from([...piece(3000, 1), ...piece(2000, 2)]));
  });

  it('are nobody else’s until they are let go, however many there are at a time', () => {
    const all = Array.from({ length: 40 }, (_, i) => {
      const kept = new KeptBytes(MAX_BYTES);
      for (let n = 0; n < 5; n++) kept.add(piece(700, i));
      return kept;
    });
    for (const kept of all.slice(0, 20)) kept.letGo();
    const later = Array.from({ length: 40 }, () => new KeptBytes(MAX_BYTES));
    for (const kept of later) kept.add(piece(3500, 99));
    for (const [i, kept] of all.entries()) expect(kept.bytes).toEqual(i < 20 ? piece(0, 0) : piece(3500, i));
    for (const kept of later) expect(kept.bytes).toEqual(piece(3500, 99));
  });

  it('begin anew behind those that were let go', () => {
    const kept = new KeptBytes(MAX_BYTES);
    kept.add(piece(10, 1));
    kept.letGo();
    kept.letGo();
    expect(kept.length).toBe(0);
    kept.add(piece(2, 7));
    expect(kept.bytes).toEqual(piece(2, 7));
  });
});
