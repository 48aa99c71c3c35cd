// What every reader must see of every writer's ring, whatever the writer is written in.

import { afterEach, describe, expect, it } from 'vitest';
import { ClosedError } from '../../src/errors.js';
import { RecordFlag, recordBytes } from '../../src/packet/record.js';
import type { RingShape } from '../../src/ring/ring-buffer.js';
import { ALL, balance, MIB, numbered, numberedPacket, readAll, told } from '../support/numbered-packets.js';
import { countingBytes } from '../support/packets.js';
import { RING_FEEDS, type RingFeed } from '../support/ring-feed.js';

describe.each(RING_FEEDS)('a ring by the $writer writer', ({ open }) => {
  const opened: RingFeed[] = [];
  const openFeed = (shape: RingShape) => {
    const feed = open(shape);
    opened.push(feed);
    return feed;
  };
  afterEach(() => {
    for (const feed of opened.splice(0)) feed.close();
  });

  it('delivers every packet with all that the writer knew of it', async () => {
    const feed = openFeed({ capacity: MIB, firstSequence: 41n });
    const packets = [...numbered(3), { data: countingBytes(1), origlen: 9000, tsNs: 4_294_967_295_999_999_999n }];
    await feed.write(packets, 113);
    const read = readAll(feed.reader());
    expect(read.map(told)).toEqual(packets.map(told));
    expect(read.map(({ sequence }) => sequence)).toEqual([41n, 42n, 43n, 44n]);
    expect(read.map(({ truncated }) => truncated)).toEqual([false, true, true, true]);
    expect(read.map(({ linktype }) => linktype)).toEqual([113, 113, 113, 113]);
  });

  it('delivers a record that crosses the end of the ring at whatever offset', async () => {
    const bytes = recordBytes(100);
    for (let before = 0; before <= bytes; before += 8) {
      const feed = openFeed({ capacity: MIB, firstPosition: BigInt(3 * MIB - before) });
      const packets = numbered(3, before);
      await feed.write(packets);
      expect(readAll(feed.reader()).map(told), `${before} bytes before the end`).toEqual(packets.map(told));
    }
  });

  it('delivers the smallest and the largest packets, in any order, over the end of the ring', async () => {
    const feed = openFeed({ capacity: MIB });
    const reader = feed.reader();
    const sizes = [0, 262_144, 0, 1, 7, 8, 9, 262_143, 262_137, 0];
    for (let round = 0; round < 4; round++) {
      const packets = sizes.map((size, i) => numberedPacket(round * 10 + i, size));
      await feed.write(packets);
      expect(readAll(reader).map(told)).toEqual(packets.map(told));
    }
    expect(balance(reader, feed)).toEqual({ delivered: 40, filtered: 0, missed: 0, lag: 0, overwritten: 0 });
  });

  it('delivers comments with their packets, and steps over them, at whatever offset of the end of the ring', async () => {
    const comments = [['one', 'two: ä'], [], [''], undefined, ['x'.repeat(65_535), 'y'.repeat(60_000)]];
    for (let before = 0; before <= 240; before += 8) {
      const feed = openFeed({ capacity: MIB, firstPosition: BigInt(3 * MIB - before) });
      const packets = comments.map((each = [], i) => ({ ...numberedPacket(i, 61 + i), comments: each }));
      await feed.write(packets);
      const read = readAll(feed.reader());
      expect(read.map(told), `${before} bytes before the end`).toEqual(packets.map(told));
      expect(read.map(({ flags }) => (flags & RecordFlag.options) !== 0)).toEqual([true, false, true, false, true]);
    }
  });

  it.each([
    ['2^32', 2n ** 32n],
    ['2^53', 2n ** 53n],
    ['2^63', 2n ** 63n],
  ])('counts positions and sequences exactly across %s', async (_, power) => {
    const feed = openFeed({ capacity: MIB, firstPosition: power - 136n * 70n, firstSequence: power - 70n });
    const reader = feed.reader();
    const packets = numbered(140);
    await feed.write(packets);
    const read = readAll(reader);
    expect(read.map(told)).toEqual(packets.map(told));
    expect(read.map(({ sequence }) => sequence)).toEqual(packets.map((_, i) => power - 70n + BigInt(i)));
    await feed.write(numbered(9000, 140));
    const [first] = reader.take(1)!;
    expect(first!.sequence).toBe(power - 70n + BigInt(140 + reader.counters().missed));
    expect(first!.data).toEqual(numbered(1, 140 + reader.counters().missed)[0]!.data);
  });

  it('keeps the rest of a batch that was left early for the next one', async () => {
    const feed = openFeed({ capacity: MIB });
    const reader = feed.reader();
    await feed.write(numbered(200));
    const read: bigint[] = [];
    for (let stride = 1; read.length < 200; stride = (stride * 2) % 61) {
      let taken = 0;
      for (const packet of reader.take(ALL)!) {
        read.push(packet.sequence);
        if (++taken === stride) break;
      }
    }
    expect(read).toEqual(Array.from({ length: 200 }, (_, i) => BigInt(i)));
    expect(reader.take(ALL)).toBeUndefined();
  });

  it('gives batches of at most the size asked for', async () => {
    const feed = openFeed({ capacity: MIB });
    const reader = feed.reader();
    await feed.write(numbered(100));
    const sizes = [1, 63, 64].map((max) => [...reader.take(max)!].length);
    expect(sizes).toEqual([1, 63, 36]);
    expect(reader.take(65)).toBeUndefined();
  });

  it('names an interface that appeared in the middle of the stream', async () => {
    const feed = openFeed({ capacity: MIB });
    const reader = feed.reader();
    await feed.write(numbered(2), 1);
    expect(readAll(reader).map(({ linktype }) => linktype)).toEqual([1, 1]);
    await feed.write(numbered(2), 113);
    await feed.write(numbered(1), 276);
    const read = readAll(reader);
    expect(read.map(({ linktype }) => linktype)).toEqual([113, 113, 276]);
    expect(read.map(({ interfaceIndex }) => interfaceIndex)).toEqual([1, 1, 2]);
    expect(read[2]!.interface).toMatchObject({ index: 2, linktype: 276, timestampSource: 'savefile' });
  });

  it('tells the tap how far it has read, once a batch is done with', async () => {
    const feed = openFeed({ capacity: MIB, firstPosition: 64n });
    const cursor = new BigUint64Array(feed.cursorBuffer, 64, 3);
    const reader = feed.reader();
    await feed.write(numbered(3));
    const batch = reader.take(2)!;
    expect([...batch].length).toBe(2);
    reader.release();
    expect([...cursor]).toEqual([64n + 2n * 136n, 2n, 0n]);
    expect(readAll(reader).length).toBe(1);
    expect([...cursor]).toEqual([64n + 3n * 136n, 3n, 0n]);
  });

  it('keeps copies whole when the ring goes on over the packets', async () => {
    const feed = openFeed({ capacity: MIB });
    const reader = feed.reader();
    const packets = numbered(3);
    await feed.write(packets);
    const copies = readAll(reader);
    await feed.write(numbered(9000, 3));
    expect(copies.map(told)).toEqual(packets.map(told));
    expect(copies.map((copy) => copy.isIntact())).toEqual([true, true, true]);
  });

  it('refuses every use of a view after the close', async () => {
    const feed = openFeed({ capacity: MIB });
    const reader = feed.reader();
    await feed.write(numbered(2));
    const batch = reader.take(ALL)!;
    const [packet] = batch;
    const data = packet!.data;
    reader.close();
    feed.close();
    const uses = [
      () => packet!.caplen,
      () => packet!.origlen,
      () => packet!.tsNs,
      () => packet!.tsSec,
      () => packet!.tsNsec,
      () => packet!.linktype,
      () => packet!.interfaceIndex,
      () => packet!.flags,
      () => packet!.comments,
      () => packet!.flowHash,
      () => packet!.sequence,
      () => packet!.u8(0),
      () => packet!.u16(0),
      () => packet!.u32(0),
      () => packet!.data,
      () => packet!.copy(),
    ];
    for (const use of uses) expect(use).toThrow(ClosedError);
    expect(packet!.isIntact()).toBe(false);
    expect([0, 100]).toContain(data.length);
  });
});
