// A ring whose writer lies: whatever it holds, a reader throws RingError or reads bytes of the ring, and never hangs,
// crashes or reads outside of it.

import { beforeEach, describe, expect, it } from 'vitest';
import { RingError } from '../../src/errors.js';
import { MAX_CAPLEN, MAX_OPTIONS, optionsOffset, RecordField } from '../../src/packet/record.js';
import { Cursor } from '../../src/ring/cursor.js';
import { CHECKPOINT_BYTES, RingField } from '../../src/ring/layout.js';
import { RingMemory } from '../../src/ring/ring-memory.js';
import { RingReader } from '../../src/ring/ring-reader.js';
import { RingWriter } from '../../src/ring/ring-writer.js';
import { ALL, MIB, numbered, readAll } from '../support/numbered-packets.js';
import { makeCursorBuffer } from '../support/ring-feed.js';

const ETHERNET = { linktype: 1, snaplen: 0, section: 0, timestampSource: 'savefile' } as const;

describe('a ring by a hostile writer', () => {
  let writer: RingWriter;
  let view: DataView;
  let memory: RingMemory;
  let reader: RingReader;
  let data: number;

  beforeEach(() => {
    writer = new RingWriter({ capacity: MIB });
    writer.addInterface({ ...ETHERNET, name: 'eth0' });
    view = new DataView(writer.buffer);
    memory = new RingMemory(writer.buffer);
    reader = new RingReader(memory, new Cursor(makeCursorBuffer()), { position: 0n, sequence: 0n });
    data = memory.dataOffset;
  });

  function write(count: number, from = 0): void {
    for (const packet of numbered(count, from)) writer.write(packet);
    writer.publish();
  }

  describe('is refused when it is mapped, if its header has', () => {
    it.each<[string, (at: DataView) => void]>([
      ['another magic', (at) => at.setBigUint64(RingField.magic, 1n, true)],
      ['another version', (at) => at.setUint32(RingField.version, 2, true)],
      ['capacity 0', (at) => at.setBigUint64(RingField.capacity, 0n, true)],
      ['a small capacity', (at) => at.setBigUint64(RingField.capacity, 65_536n, true)],
      ['a capacity that is no power of two', (at) => at.setBigUint64(RingField.capacity, BigInt(MIB + 8), true)],
      ['a capacity beyond the memory', (at) => at.setBigUint64(RingField.capacity, BigInt(2 * MIB), true)],
      ['a capacity beyond all memory', (at) => at.setBigUint64(RingField.capacity, 2n ** 63n, true)],
      ['no room for the header', (at) => at.setUint32(RingField.dataOffset, 0, true)],
      ['data outside the memory', (at) => at.setUint32(RingField.dataOffset, 0xffff_f000, true)],
      ['checkpoints outside the header', (at) => at.setUint32(RingField.checkpointsOffset, 0xffff_fff8, true)],
      ['interfaces outside the header', (at) => at.setUint32(RingField.interfacesOffset, 0xffff_fff8, true)],
      ['more interfaces than room', (at) => at.setUint32(RingField.interfacesBytes, 0xffff_fff8, true)],
    ])('%s', (_, forge) => {
      forge(view);
      expect(() => new RingMemory(writer.buffer)).toThrow(RingError);
    });

    it('less than a page', () => {
      expect(() => new RingMemory(new ArrayBuffer(100))).toThrow(RingError);
    });
  });

  it.each([
    ['a caplen beyond the largest', MAX_CAPLEN + 1],
    ['a caplen that is negative as a signed number', 0xffff_ffff],
    ['a caplen that leads past the tail', 4096],
    ['a caplen that leads into the middle of the next record', 108],
  ])('throws for %s', (_, caplen) => {
    write(10);
    view.setUint32(data + 9 * 136 + RecordField.caplen, caplen, true);
    view.setUint32(data + 5 * 136 + RecordField.caplen, caplen, true);
    expect(() => readAll(reader)).toThrow(RingError);
  });

  it.each([
    ['longer than any', MAX_OPTIONS + 4],
    ['negative as a signed number', 0xffff_fffc],
    ['that lead past the tail', 4096],
    ['that lead into the middle of the next record', 8],
  ])('throws for options %s', (_, bytes) => {
    for (const packet of numbered(2)) writer.write({ ...packet, comments: ['comment'] });
    writer.publish();
    view.setUint32(data + optionsOffset(100), bytes, true);
    expect(() => readAll(reader)).toThrow(RingError);
  });

  it('gives those of the options that are whole', () => {
    writer.write({ data: new Uint8Array(4), comments: ['first', 'second'] });
    writer.publish();
    const second = data + optionsOffset(4) + 4 + 12;
    view.setUint16(second + 2, 0xffff, true);
    expect(readAll(reader).map(({ comments }) => comments)).toEqual([['first']]);
  });

  it('throws for a record with another sequence than the one expected', () => {
    write(10);
    view.setBigUint64(data + RecordField.sequence, 7n, true);
    expect(() => readAll(reader)).toThrow(RingError);
  });

  it('throws for a record of an interface that is not in the table', () => {
    write(10);
    view.setUint32(data + 3 * 136 + RecordField.interfaceAndFlags, 1, true);
    expect(() => readAll(reader)).toThrow(RingError);
  });

  it.each([
    ['goes back', 136n],
    ['leaps ahead by more than a ring', BigInt(3 * MIB)],
    ['stands in the middle of a record', 10n * 136n + 8n],
    ['leaps to the end of all positions', 2n ** 64n - 8n],
  ])('throws when the tail %s', (_, tail) => {
    write(10);
    expect(readAll(reader).length).toBe(10);
    view.setBigUint64(RingField.tail, tail, true);
    expect(() => readAll(reader)).toThrow(RingError);
  });

  it('throws when no checkpoint leads to a packet that is whole', () => {
    write(20_000);
    const checkpoints = view.getUint32(RingField.checkpointsOffset, true);
    for (let block = 0; block < 16; block++) view.setBigUint64(checkpoints + block * CHECKPOINT_BYTES, 0n, true);
    expect(() => reader.take(ALL)).toThrow(RingError);
  });

  it.each([
    ['points into the middle of a record', 8n, 0n],
    ['counts back', 0n, -15_000n],
    ['counts ahead', 0n, 1n << 40n],
  ])('throws when a checkpoint %s', (_, positionError, sequenceError) => {
    write(20_000);
    const checkpoints = view.getUint32(RingField.checkpointsOffset, true);
    for (let at = checkpoints; at < checkpoints + 16 * CHECKPOINT_BYTES; at += CHECKPOINT_BYTES) {
      view.setBigUint64(at, view.getBigUint64(at, true) + positionError, true);
      view.setBigUint64(at + 8, view.getBigUint64(at + 8, true) + sequenceError, true);
    }
    expect(() => readAll(reader)).toThrow(RingError);
  });

  describe('throws for an interface table', () => {
    it.each<[string, number, number]>([
      ['with an entry of no bytes', 0, 1],
      ['with an entry that is not aligned', 17, 1],
      ['with an entry that runs over the end', 0xfff8, 2],
      ['that is said to have more entries than room', 32, 0x7fff_ffff],
    ])('%s', (_, bytes, count) => {
      write(1);
      const table = view.getUint32(RingField.interfacesOffset, true);
      for (const entry of [table, table + bytes]) view.setUint16(entry, bytes, true);
      view.setUint32(RingField.interfaceCount, count, true);
      expect(() => reader.take(ALL)).toThrow(RingError);
    });
  });

  it('is told apart from a good one by the text of an option that runs over its entry', () => {
    const interfaces = view.getUint32(RingField.interfacesOffset, true);
    view.setUint16(interfaces + 18, 0xffff, true);
    memory.refreshInterfaces();
    expect(memory.interfaces.all).toEqual([{ index: 0, ...ETHERNET }]);
  });

  it('says how it ended without reading past its message', () => {
    view.setUint32(RingField.state, 1, true);
    view.setUint32(RingField.endReason, 77, true);
    new Uint8Array(writer.buffer).fill(0x41, RingField.endMessage, RingField.endMessage + 240);
    expect(memory.end()).toEqual({ reason: 'failed', message: 'A'.repeat(240) });
  });
});
