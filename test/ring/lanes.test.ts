// Several rings read as one: every packet once, each lane's in order, all of them by their times as far as they are there,
// and counts that add up over all lanes, whoever wrote the rings.

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Cursor } from '../../src/ring/cursor.js';
import { type Lane, Lanes } from '../../src/ring/lanes.js';
import type { EndReason } from '../../src/ring/layout.js';
import { CursorField } from '../../src/ring/layout.js';
import { RingMemory } from '../../src/ring/ring-memory.js';
import { RingReader } from '../../src/ring/ring-reader.js';
import { RingWriter } from '../../src/ring/ring-writer.js';
import { ALL, MIB, numbered, numberedPacket, told } from '../support/numbered-packets.js';
import { type FedPacket, makeCursorBuffer, RING_FEEDS, type RingFeed } from '../support/ring-feed.js';

describe.each(RING_FEEDS)('lanes of the $writer writer', ({ open }) => {
  const feeds: RingFeed[] = [];
  afterEach(() => {
    for (const feed of feeds.splice(0)) feed.close();
  });

  /** Lanes, and a way to write packets to some of them. */
  function openLanes(count: number) {
    for (let i = 0; i < count; i++) feeds.push(open({ capacity: MIB }));
    const lanes = new Lanes(
      feeds.map((feed) => ({ memory: feed.memory, cursor: new Cursor(feed.cursorBuffer), reader: feed.reader() })),
    );
    const write = (byLane: readonly (readonly FedPacket[])[]) =>
      Promise.all(byLane.map((packets, lane) => (packets.length > 0 ? feeds[lane]!.write(packets) : undefined)));
    return { lanes, write };
  }

  it('are one stream by time, over many batches', async () => {
    const { lanes, write } = openLanes(3);
    // More than a batch of each lane; runs of different lengths, so that lanes run out at different times.
    const packets = numbered(9000);
    const laneOf = (number: number) => Math.floor(number / 700) % 3;
    await write([0, 1, 2].map((lane) => packets.filter((_, number) => laneOf(number) === lane)));
    expect(readAll(lanes)).toEqual(packets.map(told));
    expect(lanes.counters()).toEqual({ delivered: 9000, filtered: 0, missed: 0, lag: 0, overwritten: 0 });
    expect(lanes.sourceCounters()).toMatchObject({ received: 9000, published: 9000, bytes: 900_000 });
  });

  it('keep the order of each lane, whatever its packets’ times', async () => {
    const { lanes, write } = openLanes(2);
    const of = (...numbers: number[]) => numbers.map((number) => numberedPacket(number, 100));
    await write([of(5, 3, 1), of(2, 4, 6)]);
    expect(readAll(lanes)).toEqual(of(2, 4, 5, 3, 1, 6).map(told));
    expect(lanes.hasMore()).toBe(false);
  });

  it('give what a lane has to the last packet when others have nothing', async () => {
    const { lanes, write } = openLanes(4);
    expect(lanes.take(ALL)).toBeUndefined();
    await write([[], [], numbered(100), []]);
    expect(readAll(lanes)).toEqual(numbered(100).map(told));
    await write([numbered(50, 100), [], [], []]);
    expect(readAll(lanes)).toEqual(numbered(50, 100).map(told));
  });

  it('come again from where they were left, and count no packet twice', async () => {
    const { lanes, write } = openLanes(2);
    const packets = numbered(1000);
    await write([packets.filter((_, number) => number % 3 === 0), packets.filter((_, number) => number % 3 !== 0)]);
    const seen: string[] = [];
    for (let max = 1; seen.length < 1000; max = (max * 7) % 101) {
      const batch = lanes.take(max)!;
      let left = Math.ceil(max / 2);
      for (const packet of batch) {
        seen.push(told(packet));
        if (--left === 0) break;
      }
      lanes.release();
      expect(lanes.counters()).toMatchObject({ delivered: seen.length, lag: 1000 - seen.length });
    }
    expect(seen).toEqual(packets.map(told));
  });

  it('know what was missed where one of them was lapped', async () => {
    const { lanes, write } = openLanes(2);
    await write([numbered(10), numbered(20_000, 10)]);
    const seen = readAll(lanes);
    const { delivered, missed, lag } = lanes.counters();
    expect([delivered, lag]).toEqual([seen.length, 0]);
    expect(missed).toBeGreaterThan(0);
    expect(delivered + missed).toBe(20_010);
    expect(seen).toEqual([...numbered(10), ...numbered(20_000 - missed, 10 + missed)].map(told));
  });

  it('deliver each lane’s packets in order and once, however they are written and read', async () => {
    const step = fc.record({ lane: fc.nat(2), packets: fc.integer({ min: 1, max: 200 }), max: fc.nat(300) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { lanes, write } = openLanes(3);
        const written: FedPacket[][] = [[], [], []];
        const seen: string[] = [];
        let number = 0;
        for (const { lane, packets, max } of steps) {
          const more = numbered(packets, number);
          number += packets;
          written[lane]!.push(...more);
          await write(written.map((_, i) => (i === lane ? more : [])));
          for (const packet of max > 0 ? (lanes.take(max) ?? []) : []) seen.push(told(packet));
        }
        seen.push(...readAll(lanes));
        expect([...seen].sort()).toEqual(numbered(number).map(told).sort());
        for (const packets of written) {
          const expected = packets.map(told);
          const ofLane = new Set(expected);
          expect(seen.filter((packet) => ofLane.has(packet))).toEqual(expected);
        }
        for (const feed of feeds.splice(0)) feed.close();
      }),
      { numRuns: 15, seed: 4 },
    );
  });
});

describe('lanes', () => {
  function plainLanes(count: number) {
    const writers = Array.from({ length: count }, () => new RingWriter({ capacity: MIB }));
    const cursors = writers.map(() => makeCursorBuffer());
    const lanes = writers.map(({ buffer }, i): Lane => {
      const memory = new RingMemory(buffer);
      const cursor = new Cursor(cursors[i]!);
      return { memory, cursor, reader: new RingReader(memory, cursor, { position: 0n, sequence: 0n }) };
    });
    return { writers, cursors, lanes: new Lanes(lanes) };
  }

  it.each<[EndReason, EndReason, EndReason]>([
    ['finished', 'finished', 'finished'],
    ['stopped', 'finished', 'stopped'],
    ['finished', 'failed', 'failed'],
    ['failed', 'stopped', 'failed'],
  ])('have ended when all have: %s and %s is %s', (one, other, reason) => {
    const { writers, lanes } = plainLanes(2);
    writers[1]!.end(other, other);
    expect(lanes.end()).toBeUndefined();
    writers[0]!.end(one, one);
    expect(lanes.end()).toEqual({ reason, message: reason });
  });

  it('have one doorbell, which the first cursor asks for', () => {
    const { cursors, lanes } = plainLanes(2);
    const sleeping = () => cursors.map((buffer) => new Int32Array(buffer)[CursorField.sleeping / 4]);
    lanes.sleep();
    expect(sleeping()).toEqual([1, 0]);
    lanes.wake();
    expect(sleeping()).toEqual([0, 0]);
  });

  it('have each interface once, as soon as one of them has it', () => {
    const { writers, lanes } = plainLanes(2);
    const device = { linktype: 1, snaplen: 0, section: 0, timestampSource: 'kernel' } as const;
    const all = lanes.interfaces;
    for (const writer of writers) writer.addInterface({ ...device, name: 'eth0' });
    writers[1]!.addInterface({ ...device, name: 'eth1' });
    lanes.refreshInterfaces();
    expect(all.map(({ name }) => name)).toEqual(['eth0', 'eth1']);
    writers[0]!.addInterface({ ...device, name: 'eth1' });
    lanes.refreshInterfaces();
    expect(all.map(({ name }) => name)).toEqual(['eth0', 'eth1']);
  });
});

/** All that can be read now. */
function readAll(lanes: Lanes): string[] {
  const packets: string[] = [];
  for (let batch = lanes.take(ALL); batch !== undefined; batch = lanes.take(ALL))
    for (const packet of batch) packets.push(told(packet));
  lanes.release();
  return packets;
}
