// What a consumer's code meets of a reader: batches that can be left early, copies that last, views that refuse to be used
// too late. Over both writers' rings.

import { afterEach, describe, expect, it } from 'vitest';
import { ClosedError } from '../../src/errors.js';
import { RecordFlag } from '../../src/packet/record.js';
import type { RingShape } from '../../src/ring/ring-buffer.js';
import { ALL, MIB, numbered, numberedPacket, readAll, told } from '../support/numbered-packets.js';
import { RING_FEEDS, type RingFeed } from '../support/ring-feed.js';

describe.each(RING_FEEDS)('a reader of a ring by the $writer writer', ({ open }) => {
  const opened: RingFeed[] = [];
  const openFeed = (shape: RingShape) => {
    const feed = open(shape);
    opened.push(feed);
    return feed;
  };
  afterEach(() => {
    for (const feed of opened.splice(0)) feed.close();
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
