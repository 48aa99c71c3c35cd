// What the native pass selects is what a plain filter over the same packets would, wherever the records lie, however
// batches are asked for and left; and a record that goes while it is looked at is missed, never filtered.

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Choices, Selection } from '../../src/consumer/selection.js';
import { RingError, TapError } from '../../src/errors.js';
import { RecordField, RecordFlag, recordBytes } from '../../src/packet/record.js';
import { Cursor } from '../../src/ring/cursor.js';
import { RingMemory } from '../../src/ring/ring-memory.js';
import { RingReader } from '../../src/ring/ring-reader.js';
import { RingWriter } from '../../src/ring/ring-writer.js';
import { Bpf, bitsProgram, bpfProgram, type Instruction } from '../support/bpf.js';
import { ALL, balance, MIB, numbered, readAll, told } from '../support/numbered-packets.js';
import { makeCursorBuffer, RING_FEEDS, type RingFeed } from '../support/ring-feed.js';

const SEED = { seed: 20_261_121 };
const LINKTYPES = [1, 113, 1, 101];
/** Bits of byte 0 that pass, by linktype; a linktype without bits is one the filter can't be compiled for. */
const BITS: Readonly<Record<number, number>> = { 1: 0x01, 113: 0x06 };
const LAP = Math.ceil(MIB / recordBytes(100));

interface Made {
  readonly interfaceIndex: number;
  readonly data: Uint8Array;
  readonly comments: readonly string[];
}

/** A ring in plain memory with interfaces eth0 to eth3, and a reader with choices. */
function open(choices: Choices, firstPosition = 0n) {
  const writer = new RingWriter({ capacity: MIB, firstPosition });
  for (const [i, linktype] of LINKTYPES.entries())
    writer.addInterface({ linktype, snaplen: 0, section: 0, timestampSource: 'savefile', name: `eth${i}` });
  const memory = new RingMemory(writer.buffer);
  const selector = new Selection(writer.buffer, choices);
  const cursorBuffer = makeCursorBuffer();
  const start = { position: firstPosition, sequence: 0n };
  const reader = new RingReader(memory, new Cursor(cursorBuffer), start, { selector });
  return { writer, memory, selector, reader, cursorBuffer };
}

/** Gives the reader what it asks for. */
function decide(selector: Selection, linktype: number): void {
  const bits = BITS[linktype];
  selector.setProgram(linktype, bits === undefined ? undefined : bitsProgram(0, bits));
}

/** What a plain filter says. */
function naive(packets: readonly Made[], { filter, interfaces, sample = 1, snaplen = 262_144 }: Choices): string[] {
  const matching = packets
    .map((packet, number) => ({ ...packet, number }))
    .filter(({ interfaceIndex, data }) => {
      const isWanted = interfaces?.some((each) => each === interfaceIndex || each === `eth${interfaceIndex}`) ?? true;
      const bits = BITS[LINKTYPES[interfaceIndex]!] ?? 0;
      return isWanted && (filter === undefined || ((data[0] ?? 0) & bits) !== 0);
    });
  const sampled = matching.filter((_, i) => (i + 1) % sample === 0);
  return sampled.map(({ number, data, comments }) => line(number, data.subarray(0, snaplen), comments));
}

function line(number: number | bigint, data: Uint8Array, comments: readonly string[]): string {
  return `${number} ${Buffer.from(data).toString('hex')} ${JSON.stringify(comments)}`;
}

/** Reads with batches of `max`, each left after `walk` packets. */
function select(opened: ReturnType<typeof open>, max: number, walk: number): string[] {
  const { reader, selector, memory } = opened;
  const seen: string[] = [];
  while (reader.hasMore()) {
    const batch = reader.take(max);
    const { undecided } = reader;
    if (undecided !== undefined) decide(selector, memory.interfaces.all[undecided]!.linktype);
    let walked = 0;
    for (const packet of batch ?? []) {
      const { sequence, data, comments } = walked % 2 === 0 ? packet : packet.copy();
      seen.push(line(sequence, data, comments));
      expect(packet.truncated).toBe(packet.caplen < packet.origlen);
      if (++walked === walk) break;
    }
    reader.release();
  }
  return seen;
}

const choices: fc.Arbitrary<Choices> = fc.record(
  {
    filter: fc.constant('bits'),
    interfaces: fc.subarray<string | number>(['eth0', 'eth1', 2, 3, 'none', 77], { minLength: 1 }),
    sample: fc.integer({ min: 1, max: 9 }),
    snaplen: fc.integer({ min: 1, max: 70 }),
  },
  { requiredKeys: [] },
);

const made: fc.Arbitrary<Made> = fc.record({
  interfaceIndex: fc.nat(3),
  data: fc.uint8Array({ maxLength: 90 }),
  comments: fc.array(fc.string(), { maxLength: 2 }),
});

describe('a selection', () => {
  it('is what a plain filter gives, at every offset around the end of the ring', () => {
    const property = fc.property(
      choices,
      fc.array(made, { minLength: 1, maxLength: 300 }),
      fc.nat(2000),
      fc.constantFrom(1, 2, 7, 64, 65, ALL),
      fc.constantFrom(1, 3, 64, ALL),
      (chosen, packets, before, max, walk) => {
        const opened = open(chosen, BigInt(3 * MIB - 8 * before));
        for (const packet of packets) opened.writer.write({ ...packet, origlen: packet.data.length });
        opened.writer.publish();
        const seen = select(opened, max, walk);
        expect(seen).toEqual(naive(packets, chosen));
        const filtered = packets.length - seen.length;
        const { reader, cursorBuffer } = opened;
        expect(reader.counters()).toEqual({ delivered: seen.length, filtered, missed: 0, lag: 0, overwritten: 0 });
        // The tap is told the same.
        const counts = [seen.length, 0, filtered].map(BigInt);
        expect([...new BigUint64Array(cursorBuffer, 72, 3)]).toEqual(counts);
      },
    );
    fc.assert(property, { ...SEED, numRuns: 300 });
  });

  it('counts what was overwritten while it was looked at as missed', () => {
    const opened = open({ filter: 'bits' });
    decide(opened.selector, 1);
    const { writer, reader, memory, selector } = opened;
    for (const packet of numbered(1000)) writer.write(packet);
    writer.publish();
    const select = selector.select.bind(selector);
    selector.select = (from, softEnd, hardEnd, max) => {
      select(from, softEnd, hardEnd, max);
      // The tap comes round just before anybody could look whether it has.
      for (const packet of numbered(LAP, 1000)) writer.write(packet);
      writer.publish();
    };
    expect(reader.take(ALL)).toBeUndefined();
    expect(reader.counters()).toMatchObject({ delivered: 0, filtered: 0, missed: 0, lag: 1000 + LAP });
    selector.select = select;
    const read = readAll(reader);
    const { delivered, filtered, missed, lag } = reader.counters();
    expect(lag).toBe(0);
    expect(missed).toBeGreaterThan(1000);
    expect(read.map(({ sequence }) => Number(sequence) % 2)).toEqual(read.map(() => 1));
    expect(delivered + filtered + missed).toBe(memory.counters().published);
    expect(Math.abs(delivered - filtered)).toBeLessThanOrEqual(1);
  });

  it('goes on sampling where it was, whatever the tap overwrote while it looked', () => {
    const { writer, reader, selector } = open({ sample: 10 });
    for (const packet of numbered(5)) writer.write(packet);
    writer.publish();
    expect(reader.take(ALL)).toBeUndefined();
    const select = selector.select.bind(selector);
    selector.select = (from, softEnd, hardEnd, max) => {
      select(from, softEnd, hardEnd, max);
      for (const packet of numbered(LAP, 12)) writer.write(packet);
      writer.publish();
    };
    for (const packet of numbered(7, 5)) writer.write(packet);
    writer.publish();
    expect(reader.take(ALL)).toBeUndefined();
    selector.select = select;
    const [first] = readAll(reader);
    const { missed } = reader.counters();
    // Five had matched before the gap: the tenth is the fifth after it.
    expect(Number(first!.sequence)).toBe(5 + missed + 4);
  });

  it('tells what was missed with the next batch that has a packet in it', () => {
    const { writer, reader, selector } = open({ filter: 'bits' });
    selector.setProgram(1, bitsProgram(0, 0xff));
    for (const packet of numbered(2 * LAP)) writer.write(packet);
    for (let i = 0; i < 4000; i++) writer.write({ data: new Uint8Array(100) });
    writer.write({ data: new Uint8Array(100).fill(1) });
    writer.publish();
    const batches: { missed: number; packets: number }[] = [];
    while (reader.hasMore()) {
      const batch = reader.take(ALL);
      if (batch !== undefined) batches.push({ missed: batch.missedBefore, packets: [...batch].length });
    }
    reader.release();
    expect(batches.map(({ packets }) => packets > 0)).toEqual(batches.map(() => true));
    expect(batches.reduce((sum, { missed }) => sum + missed, 0)).toBe(reader.counters().missed);
  });

  it('stops before the first packet of a link type that nothing is decided about, and goes on from there', () => {
    const { writer, reader, selector, memory } = open({ filter: 'bits' });
    decide(selector, 1);
    for (const interfaceIndex of [0, 2, 0, 1, 0]) writer.write({ data: Uint8Array.of(0xff), interfaceIndex });
    writer.publish();
    expect([...reader.take(ALL)!].length).toBe(3);
    expect(reader.take(ALL)).toBeUndefined();
    expect(reader.undecided).toBe(1);
    expect(reader.counters()).toMatchObject({ delivered: 3, filtered: 0, lag: 2 });
    decide(selector, memory.interfaces.all[1]!.linktype);
    expect([...reader.take(ALL)!].length).toBe(2);
  });
});

describe('a hostile tap', () => {
  const programs: [string, readonly Instruction[]][] = [
    ['does not return', [[Bpf.ldb, 0, 0, 0]]],
    [
      'jumps out of itself',
      [
        [Bpf.ja, 0, 0, 1],
        [Bpf.ret, 0, 0, 0],
      ],
    ],
    [
      'jumps back',
      [
        [Bpf.ldb, 0, 0, 0],
        [Bpf.ja, 0, 0, 0xffff_fffe],
        [Bpf.ret, 0, 0, 0],
      ],
    ],
    [
      'jumps out of itself on a condition',
      [
        [Bpf.jset, 1, 0, 1],
        [Bpf.ret, 0, 0, 0],
      ],
    ],
    [
      'reads scratch memory that is not there',
      [
        [Bpf.ldm, 0, 0, 16],
        [Bpf.ret, 0, 0, 0],
      ],
    ],
    [
      'writes scratch memory that is not there',
      [
        [Bpf.st, 0, 0, 0xffff_ffff],
        [Bpf.ret, 0, 0, 0],
      ],
    ],
  ];
  it.each(programs)('can have no program run that %s', (_, program) => {
    const { selector } = open({ filter: 'bits' });
    const refused = expect.objectContaining({ code: 'ERR_TAP_PROTOCOL' });
    expect(() => selector.setProgram(1, bpfProgram(...program))).toThrow(refused);
    expect(() => selector.setProgram(1, bpfProgram(...program))).toThrow(TapError);
  });

  it('reads no byte outside of a packet, whatever its program asks for', () => {
    const { writer, reader, selector } = open({ filter: 'bits' });
    for (const length of [0, 1, 100]) writer.write({ data: new Uint8Array(length).fill(0xff) });
    writer.publish();
    selector.setProgram(1, bpfProgram([Bpf.ldb, 0, 0, 100], [Bpf.ret, 0, 0, 1]));
    expect(reader.take(ALL)).toBeUndefined();
    expect(reader.counters()).toMatchObject({ filtered: 3 });
  });

  it.each([
    ['a caplen beyond the largest', RecordField.caplen, 262_145],
    ['a caplen that leads past the tail', RecordField.caplen, 4096],
    ['a caplen that wraps around', RecordField.caplen, 0xffff_fff0],
    ['options that lead past the tail', RecordField.interfaceAndFlags, RecordFlag.options << 20],
    ['an interface that is not in the table', RecordField.interfaceAndFlags, 4],
    ['the largest interface', RecordField.interfaceAndFlags, 0xfffff],
  ])('is found out by %s', (_, field, value) => {
    const { writer, reader, memory } = open({ sample: 3 });
    for (const packet of numbered(10, 0, 104)) writer.write(packet);
    writer.publish();
    memory.view.setUint32(memory.dataOffset + 9 * recordBytes(104) + field, value, true);
    expect(() => readAll(reader)).toThrow(RingError);
  });
});

describe.each(RING_FEEDS)('a selection in a ring by the $writer writer', ({ open }) => {
  let feed: RingFeed;
  beforeEach(() => {
    feed = open({ capacity: MIB, firstPosition: BigInt(3 * MIB - 5 * 136 - 8) });
  });
  afterEach(() => feed.close());

  it('shows the beginnings of packets, with their lengths on the wire', async () => {
    const selector = new Selection(feed.memory.bytes.buffer as ArrayBuffer, { snaplen: 60, sample: 2 });
    const reader = feed.reader({ selector });
    await feed.write(numbered(20));
    const expected = numbered(20)
      .filter((_, i) => i % 2 === 1)
      .map((packet) => told({ ...packet, data: packet.data.subarray(0, 60) }));
    const read = readAll(reader);
    expect(read.map(told)).toEqual(expected);
    expect(read.map(({ caplen, truncated }) => ({ caplen, truncated }))).toEqual(
      read.map(() => ({ caplen: 60, truncated: true })),
    );
    expect(balance(reader, feed)).toMatchObject({ delivered: 10, filtered: 10, missed: 0 });
  });

  it('with the policy newest skips to the newest packets, and counts what it skipped', async () => {
    const reader = feed.reader({ newest: true });
    await feed.write(numbered(100));
    expect([...reader.take(ALL)!].length).toBe(100);
    await feed.write(numbered(4000, 100));
    const batch = reader.take(ALL)!;
    const packets = [...batch].length;
    expect(packets).toBeLessThanOrEqual(Math.ceil((64 << 10) / 136));
    expect(batch.missedBefore).toBe(4000 - packets);
    expect(balanceAfter(reader)).toMatchObject({ delivered: 100 + packets, missed: 4000 - packets, lag: 0 });
  });

  it('with the policy newest misses nothing while a batch holds what is waiting', async () => {
    const reader = feed.reader({ newest: true });
    for (let written = 0; written < 6000; written += 1500) {
      await feed.write(numbered(1500, written));
      expect([...reader.take(ALL)!].length).toBe(1500);
    }
    expect(balanceAfter(reader)).toMatchObject({ delivered: 6000, missed: 0 });
  });

  it('with the policy newest and small batches never goes back', async () => {
    const reader = feed.reader({ newest: true });
    await feed.write(numbered(3000));
    const sequences: number[] = [];
    for (let batch = reader.take(10); batch !== undefined; batch = reader.take(10))
      for (const packet of batch) sequences.push(Number(packet.sequence));
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    expect(sequences.at(-1)).toBe(2999);
  });

  function balanceAfter(reader: RingReader) {
    reader.release();
    return balance(reader, feed);
  }
});
