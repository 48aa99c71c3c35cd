import { describe, expect, it } from 'vitest';
import { KeptBytes } from '../../../src/analyzer/app/kept-bytes.js';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text));

describe('the beginning of something that comes in pieces', () => {
  it.each([0, 3, 100_000, 10 ** 12])(
    'is kept up to its bound, whether %i bytes were announced or come',
    (announced) => {
      const kept = new KeptBytes(50_000);
      kept.expect(announced);
      const piece = new Uint8Array(700).fill(7);
      let taken = 0;
      for (let i = 0; i < 100; i++) taken += kept.add(piece);
      expect(taken).toBe(50_000);
      expect(kept.isFull).toBe(true);
      expect(kept.bytes).toEqual(new Uint8Array(50_000).fill(7));
      expect(kept.add(piece)).toBe(0);
    },
  );

  it('takes no more memory for what is only announced than a page or four', () => {
    const kept = new KeptBytes(1 << 20);
    kept.expect(1 << 20);
    kept.add(bytes('a'));
    expect(kept.bytes.buffer.byteLength).toBeLessThanOrEqual(16_384);
  });

  it('is a copy, of which nothing is lost as it grows', () => {
    const kept = new KeptBytes(10_000);
    let text = '';
    for (let i = 0; i < 500; i++) {
      const piece = bytes(`${i},`);
      kept.add(piece);
      piece.fill(0);
      text += `${i},`;
    }
    expect(Buffer.from(kept.bytes).toString()).toBe(text);
  });
});
