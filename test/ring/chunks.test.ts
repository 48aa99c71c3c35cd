// A batch taken by chunks: the same packets as in the loop, to be visited more than once, and one question whether they were
// intact. Over both writers' rings, of one lane and of several.

import { afterEach, describe, expect, it } from 'vitest';
import { recordBytes } from '../../src/packet/record.js';
import { Cursor } from '../../src/ring/cursor.js';
import { Lanes } from '../../src/ring/lanes.js';
import type { PacketBatch } from '../../src/ring/packet-batch.js';
import type { PacketChunk } from '../../src/ring/packet-chunk.js';
import type { RingShape } from '../../src/ring/ring-buffer.js';
import { ALL, balance, MIB, numbered, told } from '../support/numbered-packets.js';
import { RING_FEEDS, type RingFeed } from '../support/ring-feed.js';

/** Packets of `numbered` that fill a ring of 1 MiB once. */
const LAP = Math.ceil(MIB / recordBytes(100));

const indexesOf = (chunk: PacketChunk) => Array.from({ length: chunk.length }, (_, i) => i);
const allOf = (chunk: PacketChunk) => indexesOf(chunk).map((i) => told(chunk.at(i)));

/** What the batch's chunks have, each visited forwards and then backwards. */
function readChunks(batch: PacketBatch): string[] {
  const read: string[] = [];
  for (let chunk = batch.nextChunk(); chunk !== undefined; chunk = batch.nextChunk()) {
    const packets = allOf(chunk);
    for (const i of indexesOf(chunk).reverse()) expect(told(chunk.at(i))).toBe(packets[i]);
    expect(chunk.isIntact()).toBe(true);
    read.push(...packets);
  }
  return read;
}

describe.each(RING_FEEDS)('chunks of a ring by the $writer writer', ({ open }) => {
  const feeds: RingFeed[] = [];
  const openFeed = (shape: RingShape = { capacity: MIB }) => {
    const feed = open(shape);
    feeds.push(feed);
    return feed;
  };
  afterEach(() => {
    for (const feed of feeds.splice(0)) feed.close();
  });

  it('have every packet of the batch once, in order, as often as one looks', async () => {
    const feed = openFeed();
    const reader = feed.reader();
    await feed.write(numbered(200));
    const batch = reader.take(ALL)!;
    expect(readChunks(batch)).toEqual(numbered(200).map(told));
    expect(batch.nextChunk()).toBeUndefined();
    reader.release();
    expect(balance(reader, feed)).toMatchObject({ delivered: 200, overwritten: 0 });
  });

  it('go on behind what the loop took, and the loop behind them', async () => {
    const feed = openFeed();
    const reader = feed.reader();
    await feed.write(numbered(100));
    const batch = reader.take(90)!;
    const [first] = batch;
    expect(told(first!)).toBe(told(numbered(1)[0]!));
    const chunk = batch.nextChunk()!;
    expect(allOf(chunk)).toEqual(numbered(63, 1).map(told));
    const rest: string[] = [];
    for (const packet of batch) rest.push(told(packet));
    expect(rest).toEqual(numbered(26, 64).map(told));
    reader.release();
    expect(balance(reader, feed)).toMatchObject({ delivered: 90, lag: 10 });
  });

  it('count as handed out, all of a chunk, and the rest comes again', async () => {
    const feed = openFeed();
    const reader = feed.reader();
    await feed.write(numbered(100));
    expect(reader.take(ALL)!.nextChunk()!.length).toBe(64);
    reader.release();
    expect(balance(reader, feed)).toMatchObject({ delivered: 64, lag: 36 });
    expect(readChunks(reader.take(ALL)!)).toEqual(numbered(36, 64).map(told));
  });

  it.each([-1, 1, 64])('refuse packet %d where there is one', async (index) => {
    const feed = openFeed();
    await feed.write(numbered(1));
    const chunk = feed.reader().take(ALL)!.nextChunk()!;
    expect(told(chunk.at(0))).toBe(told(numbered(1)[0]!));
    expect(() => chunk.at(index)).toThrow(RangeError);
  });

  it('refuse every packet once the batch is over', async () => {
    const feed = openFeed();
    const reader = feed.reader();
    await feed.write(numbered(3));
    const chunk = reader.take(ALL)!.nextChunk()!;
    reader.release();
    expect(chunk.length).toBe(0);
    expect(() => chunk.at(0)).toThrow(RangeError);
  });

  // The tap's position steps over a multiple of 2^32 within the lap, or does so just before or behind it.
  it.each([0, 2 ** 32 - 8 * MIB, 2 ** 32 - MIB / 2, 2 ** 32 - 64, 3 * 2 ** 32, 2 ** 53 - MIB / 2])(
    'say when the first of their packets is overwritten, begun at position %d',
    async (position) => {
      const feed = openFeed({ capacity: MIB, firstPosition: BigInt(position) });
      const reader = feed.reader();
      await feed.write(numbered(64));
      const chunk = reader.take(ALL)!.nextChunk()!;
      expect(chunk.isIntact()).toBe(true);
      await feed.write(numbered(LAP - 64 - 1000, 64));
      expect(chunk.isIntact()).toBe(true);
      await feed.write(numbered(1000, LAP - 1000));
      expect(chunk.isIntact()).toBe(false);
      reader.release();
      expect(reader.counters().overwritten).toBeGreaterThan(0);
    },
  );

  it('of several lanes are merged as the loop merges them, and end where a lane reads on', async () => {
    const lanes = [openFeed(), openFeed(), openFeed()];
    const merged = new Lanes(
      lanes.map((feed) => ({ memory: feed.memory, cursor: new Cursor(feed.cursorBuffer), reader: feed.reader() })),
    );
    const packets = numbered(3000);
    const laneOf = (number: number) => Math.floor(number / 7) % 3;
    for (const [lane, feed] of lanes.entries()) await feed.write(packets.filter((_, i) => laneOf(i) === lane));
    const read: string[] = [];
    for (let batch = merged.take(1000); batch !== undefined; batch = merged.take(1000)) read.push(...readChunks(batch));
    expect(read).toEqual(packets.map(told));
    expect(merged.counters()).toMatchObject({ delivered: 3000, lag: 0 });
  });

  it('of several lanes say when a packet of any lane is overwritten, and are over with their batch', async () => {
    const lanes = [openFeed(), openFeed()];
    const merged = new Lanes(
      lanes.map((feed) => ({ memory: feed.memory, cursor: new Cursor(feed.cursorBuffer), reader: feed.reader() })),
    );
    for (const [lane, feed] of lanes.entries()) await feed.write(numbered(20).filter((_, i) => i % 2 === lane));
    const chunk = merged.take(ALL)!.nextChunk()!;
    expect(allOf(chunk)).toEqual(numbered(19).map(told));
    expect(chunk.isIntact()).toBe(true);
    await lanes[1]!.write(numbered(2 * LAP, 20));
    expect(chunk.isIntact()).toBe(false);
    merged.release();
    expect(() => chunk.at(0)).toThrow(RangeError);
  });
});
