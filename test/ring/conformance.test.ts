// What every reader must see of every writer's ring, whatever the two are written in and wherever they run.

import { afterEach, describe, expect, it } from 'vitest';
import { RecordFlag, recordBytes } from '../../src/packet/record.js';
import type { RingShape } from '../../src/ring/ring-buffer.js';
import { MIB, numbered, numberedPacket, told } from '../support/numbered-packets.js';
import { countingBytes } from '../support/packets.js';
import { type FedPacket, RING_FEEDS, type RingFeed } from '../support/ring-feed.js';
import { type DrivenReader, type ReadPacket, RING_READERS } from '../support/ring-readers.js';

const PAIRS = RING_FEEDS.flatMap(({ writer, open: openFeed }) =>
  RING_READERS.map(({ reader, open: openReader }) => ({ writer, reader, openFeed, openReader })),
);

/** In blocks of 64 KiB a writer reserves: so far ahead of what it writes may it say that bytes are gone. */
const BLOCK = 65_536;

describe.each(PAIRS)('a ring by the $writer writer, read by $reader', ({ openFeed, openReader }) => {
  const opened: RingFeed[] = [];
  const open = async (shape: RingShape): Promise<[RingFeed, DrivenReader]> => {
    const feed = openFeed(shape);
    opened.push(feed);
    return [feed, await openReader(feed)];
  };
  afterEach(() => {
    for (const feed of opened.splice(0)) feed.close();
  });

  it('has every packet with all that the writer knew of it', async () => {
    const [feed, reader] = await open({ capacity: MIB, firstSequence: 41n });
    const packets = [...numbered(3), { data: countingBytes(1), origlen: 9000, tsNs: 4_294_967_295_999_999_999n }];
    await feed.write(packets, 113);
    const read = await reader.read();
    expect(read.map(told)).toEqual(packets.map(told));
    expect(read.map(({ sequence }) => sequence)).toEqual([41n, 42n, 43n, 44n]);
    expect(read.map(({ flags }) => flags & RecordFlag.truncated)).toEqual([0, 1, 1, 1]);
    expect(read.map(({ linktype }) => linktype)).toEqual([113, 113, 113, 113]);
    expect(await reader.counters()).toMatchObject({ delivered: 4, missed: 0, lag: 0 });
  });

  it('has records that cross its end at whatever offset', async () => {
    const bytes = recordBytes(100);
    for (let before = 0; before <= bytes; before += 8) {
      const [feed, reader] = await open({ capacity: MIB, firstPosition: BigInt(3 * MIB - before) });
      const packets = numbered(3, before);
      await feed.write(packets);
      expect((await reader.read()).map(told), `${before} bytes before the end`).toEqual(packets.map(told));
    }
  });

  it('has the smallest and the largest packets, in any order, over its end', async () => {
    const [feed, reader] = await open({ capacity: MIB });
    const sizes = [0, 262_144, 0, 1, 7, 8, 9, 262_143, 262_137, 0];
    for (let round = 0; round < 4; round++) {
      const packets = sizes.map((size, i) => numberedPacket(round * 10 + i, size));
      await feed.write(packets);
      expect((await reader.read()).map(told)).toEqual(packets.map(told));
    }
    expect(await balance(reader, feed)).toMatchObject({ delivered: 40, missed: 0, lag: 0 });
  });

  it('has packets behind comments, at whatever offset of its end', async () => {
    const comments = [['one', 'two: ä'], [], [''], undefined, ['x'.repeat(65_535), 'y'.repeat(60_000)]];
    for (let before = 0; before <= 240; before += 24) {
      const [feed, reader] = await open({ capacity: MIB, firstPosition: BigInt(3 * MIB - before) });
      const packets = comments.map((each = [], i) => ({ ...numberedPacket(i, 61 + i), comments: each }));
      await feed.write([...packets, numberedPacket(5, 9)]);
      const read = await reader.read();
      const plain = [0, 1, 2, 3, 4].map((i) => numberedPacket(i, 61 + i));
      expect(read.map(told), `${before} bytes before the end`).toEqual([...plain, numberedPacket(5, 9)].map(told));
      expect(read.map(({ flags }) => (flags & RecordFlag.options) !== 0)).toEqual([
        true,
        false,
        true,
        false,
        true,
        false,
      ]);
    }
  });

  it.each([
    ['2^32', 2n ** 32n],
    ['2^53', 2n ** 53n],
    ['2^63', 2n ** 63n],
  ])('counts positions and sequences exactly across %s', async (_, power) => {
    const [feed, reader] = await open({ capacity: MIB, firstPosition: power - 136n * 70n, firstSequence: power - 70n });
    await feed.write(numbered(140));
    const read = await reader.read();
    expect(read.map(told)).toEqual(numbered(140).map(told));
    expect(read.map(({ sequence }) => sequence)).toEqual(read.map((_, i) => power - 70n + BigInt(i)));
    await feed.write(numbered(9000, 140));
    const [first] = await reader.read(1);
    const { missed } = await reader.counters();
    expect(missed).toBeGreaterThan(0);
    expect(first!.sequence).toBe(power - 70n + BigInt(140 + missed));
    expect(told(first!)).toBe(told(numberedPacket(140 + missed, 100)));
  });

  it('has packets in portions of any size', async () => {
    const [feed, reader] = await open({ capacity: MIB });
    await feed.write(numbered(200));
    const read: ReadPacket[] = [];
    for (const max of [1, 2, 61, 63, 64, 65]) {
      const some = await reader.read(max);
      expect(some.length).toBe(Math.min(max, 200 - read.length));
      read.push(...some);
    }
    expect(read.map(told)).toEqual(numbered(200).map(told));
    expect(await reader.read()).toEqual([]);
  });

  it('has interfaces that appear in the middle of the stream', async () => {
    const [feed, reader] = await open({ capacity: MIB });
    await feed.write(numbered(2), 1);
    expect((await reader.read()).map(({ linktype }) => linktype)).toEqual([1, 1]);
    await feed.write(numbered(2), 113);
    await feed.write(numbered(1), 276);
    const read = await reader.read();
    expect(read.map(({ linktype }) => linktype)).toEqual([113, 113, 276]);
    expect(read.map(({ interfaceIndex }) => interfaceIndex)).toEqual([1, 1, 2]);
  });

  // The reader stands in the middle of a chunk, of a batch, of a block; the writer stops around where it laps the reader.
  it.each([0, 1, 64, 65, 2500])('tells what it missed when it was lapped after %i packets', async (before) => {
    const lap = Math.floor(MIB / recordBytes(1000));
    const slack = Math.ceil(BLOCK / recordBytes(1000));
    for (const extra of [-slack - 1, -slack, 0, 1, slack, 2 * lap + 7]) {
      const [feed, reader] = await open({ capacity: MIB });
      await feed.write(numbered(before, 0, 8));
      expect((await reader.read()).length).toBe(before);
      const count = lap + extra;
      await feed.write(numbered(count, before, 1000));
      const read = await reader.read();
      expectNumbered(read, before + count);
      const { missed } = await balance(reader, feed);
      expect(missed, `${extra} beyond a lap`).toBe(count - read.length);
      if (extra < -slack) expect(missed).toBe(0);
      if (extra > 0) expect(missed).toBeGreaterThan(0);
      // It loses no more than it must: what it skips is a part of one ring.
      expect(read.length).toBeGreaterThan(lap * 0.7);
    }
  });

  it('is lapped again and again, by packets of every size, and adds up every time', async () => {
    const [feed, reader] = await open({ capacity: MIB });
    let written = 0;
    for (const [count, size] of [
      [900, 999],
      [5, 262_144],
      [9000, 60],
      [1, 0],
      [3, 262_144],
      [10_000, 0],
      [40, 100_000],
    ] as const) {
      await feed.write(numbered(count, written, size));
      written += count;
      expectNumbered(await reader.read(), written, size);
      expect(await balance(reader, feed)).toMatchObject({ lag: 0 });
    }
  });
});

/** Fails unless these are the last packets of those numbered up to `end`, without a gap, each whole. */
function expectNumbered(read: readonly ReadPacket[], end: number, size = 1000): void {
  const first = end - read.length;
  const expected: FedPacket[] = numbered(read.length, first, size);
  expect(read.map(({ sequence }) => Number(sequence))).toEqual(expected.map((_, i) => first + i));
  expect(read.map(told)).toEqual(expected.map(told));
  expect(read.every(({ intact }) => intact)).toBe(true);
}

/** The reader's counts; fails unless published = delivered + missed + lag. */
async function balance(reader: DrivenReader, feed: RingFeed) {
  const counters = await reader.counters();
  const { delivered, missed, lag } = counters;
  expect(delivered + missed + lag).toBe(feed.memory.counters().published);
  return counters;
}
