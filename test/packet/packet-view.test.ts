import { describe, expect, it } from 'vitest';
import { makePacket } from '../../src/packet/packet-view.js';

/** Bytes that differ from their neighbours. */
const patterned = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);

function roomOf(bytes: number): { words: Int32Array; bytes: Uint8Array } {
  const words = new Int32Array(Math.ceil(bytes / 4));
  return { words, bytes: new Uint8Array(words.buffer) };
}

describe('copyTo', () => {
  it.each([
    [0, 60],
    [42, 77],
    [43, 44],
    [3, 258],
    [1, 259],
    [42, 1514],
    [17, 17],
  ])('copies bytes from %i to before %i to the same offsets', (from, to) => {
    const data = patterned(1514);
    const room = roomOf(data.length);
    makePacket({ data }).copyTo(room.words, from, to);
    expect(room.bytes.subarray(from, to)).toEqual(data.subarray(from, to));
  });

  it('leaves alone what lies more than three bytes away', () => {
    const room = roomOf(1600);
    makePacket({ data: patterned(1514) }).copyTo(room.words, 102, 1399);
    expect(room.bytes.subarray(0, 99).every((byte) => byte === 0)).toBe(true);
    expect(room.bytes.subarray(1402).every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    [0, 61],
    [61, 61],
    [8, 4],
    [-1, 8],
  ])('refuses to copy from %i to %i of 60 bytes', (from, to) => {
    expect(() => makePacket({ data: patterned(60) }).copyTo(roomOf(64).words, from, to)).toThrow(RangeError);
  });

  it('says so when the view is closed', () => {
    const packet = makePacket({ data: patterned(60) });
    packet.close();
    expect(() => packet.copyTo(roomOf(64).words, 0, 4)).toThrow(
      expect.objectContaining({ code: 'ERR_TAP_CLOSED' }) as Error,
    );
  });
});
