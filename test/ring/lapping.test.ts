// A writer that waits for nobody overtakes a slow reader. Whatever the reader is doing at that moment, it hands out no
// garbage as if it were a packet, goes on at a packet that is whole, and knows exactly how many it missed.

import { afterEach, describe, expect, it } from 'vitest';
import { recordBytes } from '../../src/packet/record.js';
import { ALL, balance, MIB, numbered, readAll, told } from '../support/numbered-packets.js';
import { RING_FEEDS, type RingFeed } from '../support/ring-feed.js';

/** Packets of `numbered` that fill a ring of 1 MiB once. */
const LAP = Math.ceil(MIB / recordBytes(100));

describe.each(RING_FEEDS)('a reader lapped by the $writer writer', ({ open }) => {
  let feed: RingFeed;
  afterEach(() => feed.close());

  // The reader checks headers 64 at a time: before, within and behind the first of these chunks.
  it.each([0, 1, 2, 63, 64, 65, 127, 128, 129, 500])(
    'after %i packets of a batch stops before any that is gone',
    async (read) => {
      feed = open({ capacity: MIB });
      const reader = feed.reader();
      await feed.write(numbered(1000));
      const batch = reader.take(ALL)!;
      const seen: number[] = [];
      for (let i = 0; i < read; i++) seen.push(Number(batch.next().value!.sequence));
      await feed.write(numbered(LAP + 2000, 1000));
      for (const packet of batch) {
        expect(packet.isIntact()).toBe(false);
        seen.push(read);
      }
      expect(seen.slice(0, read)).toEqual(Array.from({ length: read }, (_, i) => i));
      // What was read ahead as one chunk is handed out, and says that it is gone.
      expect(seen.length).toBe(Math.ceil(read / 64) * 64);

      const next = reader.take(ALL)!;
      const [first] = next;
      expect(next.missedBefore).toBe(reader.counters().missed);
      expect(Number(first!.sequence)).toBe(seen.length + next.missedBefore);
      expect(told(first!)).toBe(told(numbered(1, Number(first!.sequence))[0]!));
      reader.release();
      expect(balance(reader, feed)).toMatchObject({ delivered: seen.length + 1, overwritten: read === 0 ? 0 : 64 });
    },
  );

  it('counts the packets that were overwritten while they were looked at', async () => {
    feed = open({ capacity: MIB });
    const reader = feed.reader();
    await feed.write(numbered(1000));
    const batch = reader.take(ALL)!;
    for (let i = 0; i < 10; i++) batch.next();
    await feed.write(numbered(2 * LAP, 1000));
    reader.release();
    expect(balance(reader, feed)).toMatchObject({ delivered: 10, overwritten: 10 });
  });

  it('says of each packet whether it was overwritten under the view', async () => {
    feed = open({ capacity: MIB });
    const reader = feed.reader();
    await feed.write(numbered(64));
    const batch = reader.take(ALL)!;
    const packet = batch.next().value!;
    expect(packet.isIntact()).toBe(true);
    await feed.write(numbered(LAP - 64 - 1000, 64));
    expect(packet.isIntact()).toBe(true);
    await feed.write(numbered(1000, LAP - 1000));
    expect(packet.isIntact()).toBe(false);
  });

  it('again and again adds up every time', async () => {
    feed = open({ capacity: MIB });
    const reader = feed.reader();
    let written = 0;
    for (const laps of [0.3, 1.2, 0.1, 5, 1, 0.9, 2.5]) {
      const count = Math.floor(LAP * laps);
      await feed.write(numbered(count, written));
      written += count;
      const before = reader.counters();
      const read = readAll(reader);
      expect(balance(reader, feed)).toMatchObject({ lag: 0, delivered: before.delivered + read.length });
      expect(read.at(-1)!.sequence).toBe(BigInt(written - 1));
      expect(read.map(told)).toEqual(numbered(read.length, written - read.length).map(told));
      expect(read.length).toBeLessThanOrEqual(LAP);
      // It loses no more than it must: what it skips is a part of one ring.
      expect(read.length).toBeGreaterThan(Math.min(count, LAP) * 0.7);
    }
  });

  it('by packets of the largest size goes on at a whole one', async () => {
    feed = open({ capacity: MIB });
    const reader = feed.reader();
    await feed.write(numbered(20, 0, 262_144));
    const read = readAll(reader);
    expect(read.length).toBeGreaterThan(0);
    expect(read.map(told)).toEqual(numbered(read.length, 20 - read.length, 262_144).map(told));
    expect(balance(reader, feed)).toMatchObject({ lag: 0, missed: 20 - read.length });
  });
});
