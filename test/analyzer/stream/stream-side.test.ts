import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SegmentPool } from '../../../src/analyzer/stream/segment-pool.js';
import { StreamSide } from '../../../src/analyzer/stream/stream-side.js';

/** A direction from sequence number `seq` on, and what it hands on: bytes as letters, gaps as `[length]`. */
function sideOf({ seq = 100, depth = 1000, pool = new SegmentPool() } = {}) {
  const seen = { text: '', notices: [] as string[] };
  const add = (text: string) => {
    seen.text += text;
  };
  const handler = {
    data: (_: number, bytes: Uint8Array) => add(Buffer.from(bytes).toString('latin1')),
    gap: (_: number, length: number) => add(`[${length}]`),
    close: () => {},
    notice: (name: string) => void seen.notices.push(name),
  };
  const side = new StreamSide({ direction: 0, seq, depth, handler, pool });
  const send = (at: number, text: string) => side.segment((seq + at) >>> 0, Buffer.from(text, 'latin1'));
  return { side, seen, send, pool, ack: (at: number) => side.acknowledged((seq + at) >>> 0) };
}

describe('one direction of a TCP stream', () => {
  it('hands bytes on as they come, and none twice', () => {
    const { seen, send } = sideOf();
    send(0, 'abc');
    send(0, 'abc');
    send(1, 'bcd');
    send(3, 'def');
    expect(seen.text).toBe('abcdef');
  });

  it('keeps what comes too early until what is missing has come', () => {
    const { seen, send, pool } = sideOf();
    send(6, 'gh');
    send(3, 'def');
    expect(seen.text).toBe('');
    expect(pool.used).toBeGreaterThan(5);
    send(0, 'abc');
    expect(seen.text).toBe('abcdefgh');
    expect(pool.used).toBe(0);
  });

  it('lets bytes pass unseen where they are just what comes next', () => {
    const { side, seen, send } = sideOf({ depth: 20 });
    expect(side.isNext(100, 5)).toBe(true);
    side.pass(5);
    send(5, 'fg');
    expect(seen.text).toBe('fg');
    expect([side.isNext(106, 1), side.isNext(108, 1), side.isNext(107, 13)]).toEqual([false, false, false]);
    expect([side.hasCome(107), side.hasCome(108)]).toEqual([true, false]);
    send(9, 'j');
    expect(side.isNext(107, 2)).toBe(false);
  });

  it('lets the byte stand that came first, where segments overlap', () => {
    const { seen, send } = sideOf();
    send(2, 'cd');
    send(6, 'gh');
    send(1, 'XXXXXXXX');
    send(0, 'aYYYYYYYYYY');
    expect(seen.text).toBe('aXcdXXghXYY');
  });

  it('tells of a gap when the other side has what was not seen', () => {
    const { seen, send, ack, side } = sideOf();
    send(0, 'ab');
    send(4, 'ef');
    send(9, 'jk');
    ack(6);
    expect(seen.text).toBe('ab[2]ef');
    ack(9);
    expect(seen.text).toBe('ab[2]ef[3]jk');
    send(2, 'cd');
    expect(seen.text).toBe('ab[2]ef[3]jk');
    expect(side.gaps).toBe(2);
  });

  it('takes no gap from the acknowledgement of a FIN', () => {
    const { seen, send, ack, side } = sideOf();
    send(0, 'ab');
    side.fin(102);
    ack(3);
    expect(seen.text).toBe('ab');
    expect(side.done).toBe(true);
  });

  it('goes on beyond the largest sequence number', () => {
    const { seen, send } = sideOf({ seq: 2 ** 32 - 2 });
    send(3, 'de');
    send(0, 'abc');
    expect(seen.text).toBe('abcde');
  });

  it('hands on no more than its depth, gaps counted, and says once that there is more', () => {
    const { seen, send, ack, side, pool } = sideOf({ depth: 8 });
    send(2, 'cd');
    send(6, 'ghijkl');
    send(200, 'far away');
    expect(seen.notices).toEqual([]);
    ack(7);
    expect(seen.text).toBe('[2]cd[2]gh');
    expect(side.done).toBe(true);
    send(8, 'ij');
    expect(seen.text).toBe('[2]cd[2]gh');
    expect(seen.notices).toEqual(['reassembly_depth_reached']);
    expect(pool.used).toBe(0);
  });

  it('believes no acknowledgement of more than it may still hand on', () => {
    const { seen, ack, send } = sideOf({ depth: 100 });
    ack(1_000_000);
    send(0, 'ab');
    expect(seen.text).toBe('ab');
  });

  it('hands on what waits at the end, and keeps nothing when it is dropped', () => {
    const { seen, send, side, pool } = sideOf();
    send(2, 'cd');
    send(6, 'gh');
    side.flush();
    expect(seen.text).toBe('[2]cd[2]gh');
    send(20, 'xy');
    side.drop();
    expect(pool.used).toBe(0);
  });

  it('refuses what there is no room for, and counts it', () => {
    const { seen, send, pool, ack } = sideOf({ pool: new SegmentPool(300) });
    send(2, 'cd');
    send(6, 'gh');
    expect(pool.refused).toBe(1);
    ack(8);
    expect(seen.text).toBe('[2]cd[4]');
  });

  it('lets no more than 1024 segments wait', () => {
    const { send, pool } = sideOf({ depth: 100_000 });
    for (let at = 1; at < 5000; at += 2) send(at, 'x');
    expect(pool.refused).toBe(2500 - 1024);
    expect(pool.used).toBe(1024 * 257);
  });

  it('gives each byte once and in order, by the first that came, however the stream is cut', () => {
    const cut = fc.record({ at: fc.nat(60), length: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 40 }), (cuts) => {
        const { seen, send, side, pool } = sideOf();
        const expected: string[] = [];
        for (const [number, { at, length }] of cuts.entries()) {
          const letter = String.fromCharCode(200 + (number % 50));
          send(at, letter.repeat(length));
          for (let i = at; i < at + length; i++) expected[i] ??= letter;
        }
        side.flush();
        const text = seen.text.replace(/\[(\d+)\]/g, (_, length) => '.'.repeat(Number(length)));
        expect(text).toBe(Array.from(expected, (letter) => letter ?? '.').join(''));
        expect(pool.used).toBe(0);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
