import { describe, expect, it } from 'vitest';
import { MAX_CAPLEN, RECORD_HEADER_BYTES, recordBytes } from '../../src/packet/record.js';
import { FETCH_WALKS, fetchHeaders, HEADERS_END } from '../../src/ring/fetch-ahead.js';

const BYTES = 1 << 16;

/** Which words were read. */
function watched(words: Uint32Array): { words: Uint32Array; read: Set<number> } {
  const read = new Set<number>();
  const get = (_: Uint32Array, index: string | symbol) => {
    read.add(Number(index));
    return words[Number(index)];
  };
  return { words: new Proxy(words, { get }) as Uint32Array, read };
}

/** Records of these lengths, one behind the other, and where they begin. */
function records(caplens: readonly number[]): { memory: Uint32Array; offsets: number[] } {
  const memory = new Uint32Array(BYTES / 4);
  const offsets: number[] = [];
  let at = 0;
  for (const caplen of caplens) {
    offsets.push(at);
    memory[at >>> 2] = caplen;
    at += recordBytes(caplen);
  }
  return { memory, offsets };
}

describe('fetching headers ahead', () => {
  it('reads the header of every record, from each of the starts to the next', () => {
    const { memory, offsets } = records(Array.from({ length: 40 }, (_, i) => 60 + 37 * i));
    const starts = Float64Array.from([0, 10, 20, 30], (i) => offsets[i]!);
    const { words, read } = watched(memory);
    fetchHeaders(words, starts, offsets[39]! + 1);
    for (const offset of offsets) expect(read).toContain(offset >>> 2);
  });

  it('ends and stays inside, whatever the memory says', () => {
    for (const caplen of [0, 1, MAX_CAPLEN, 2 ** 31, 2 ** 32 - 1]) {
      const memory = new Uint32Array(BYTES / 4).fill(caplen);
      const { words, read } = watched(memory);
      fetchHeaders(words, new Float64Array(FETCH_WALKS), BYTES - HEADERS_END);
      expect(read.size).toBeGreaterThan(0);
      expect(Math.max(...read)).toBeLessThan(memory.length);
      expect(read.size).toBeLessThanOrEqual((2 * BYTES) / RECORD_HEADER_BYTES);
    }
  });

  it('reads nothing beyond its end where the starts lie there', () => {
    const { words, read } = watched(new Uint32Array(BYTES / 4));
    fetchHeaders(words, new Float64Array(FETCH_WALKS).fill(2 * BYTES), BYTES - HEADERS_END);
    expect(read.size).toBe(0);
  });
});
