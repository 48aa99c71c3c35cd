// Packets from JavaScript into a ring: laid out as the ring has them, many at a time, never waiting, nothing believed.

import { describe, expect, it } from 'vitest';
import { core } from '../../src/native/core.js';
import { RECORD_HEADER_BYTES, RecordField, RecordFlag } from '../../src/packet/record.js';
import { RecordBatch } from '../../src/source/record-batch.js';
import { makeTestRing } from '../support/test-ring.js';

const INTERFACE = { linktype: 1, snaplen: 96, section: 0, timestampSource: 2, name: 'made', fcslen: 4 } as const;

function batchOf(count: number, caplen: number, interfaceIndex = 0): Uint8Array {
  const batch = new RecordBatch();
  for (let i = 0; i < count; i++) {
    const fields = { origlen: caplen + (i % 2), tsNs: BigInt(i), interfaceIndex, flags: RecordFlag.outbound };
    batch.add(new Uint8Array(caplen).fill(i), fields);
  }
  return batch.records;
}

/** 64 bytes of packet, and one comment of 8. */
function commentedRecord(): Uint8Array {
  const batch = new RecordBatch();
  batch.add(new Uint8Array(64), { origlen: 64, tsNs: 0n, interfaceIndex: 0, flags: RecordFlag.options });
  const options = Buffer.from('\x0c\0\0\0\x01\0\x08\0comment!', 'latin1');
  return new Uint8Array(Buffer.concat([batch.records, options]));
}

describe('ringAppend', () => {
  it('publishes packets as they were packed, and fills in the rest', () => {
    using ring = makeTestRing();
    expect(core().ringAddInterface(ring.handle, INTERFACE)).toBe(0);
    const records = batchOf(3, 61);
    expect(core().ringAppend(ring.handle, records)).toBe(records.length);
    const packets = ring.read();
    expect(packets.map(({ caplen, origlen, tsNs, flags }) => [caplen, origlen, tsNs, flags])).toEqual([
      [61, 61, 0n, RecordFlag.outbound],
      [61, 62, 1n, RecordFlag.outbound | RecordFlag.truncated],
      [61, 61, 2n, RecordFlag.outbound],
    ]);
    expect(packets.map(({ data }) => new Set(data))).toEqual([new Set([0]), new Set([1]), new Set([2])]);
    expect(packets[0]!.interface).toEqual({ ...INTERFACE, index: 0, timestampSource: 'userspace' });
    expect(ring.counters).toMatchObject({ received: 3, published: 3, bytes: 183 });
  });

  it('takes what has room before a lossless consumer, and the rest once that has read on', () => {
    using ring = makeTestRing({ capacity: 1 << 20, lossless: true });
    core().ringAddInterface(ring.handle, INTERFACE);
    let rest = batchOf(3000, 1000);
    let read = 0;
    let rounds = 0;
    for (; rest.length > 0; rounds++) {
      rest = rest.subarray(core().ringAppend(ring.handle, rest));
      expect(core().ringAppend(ring.handle, rest.subarray(0, rest.length)), 'full').toBe(0);
      read += ring.read().length;
    }
    expect(rounds).toBeGreaterThan(2);
    expect(read).toBe(3000);
  });

  it('publishes the options of a record, whatever stands before and after it', () => {
    using ring = makeTestRing();
    core().ringAddInterface(ring.handle, INTERFACE);
    expect(core().ringAppend(ring.handle, commentedRecord())).toBe(RECORD_HEADER_BYTES + 64 + 16);
    expect(ring.read().map(({ comments, flags }) => [comments, flags])).toEqual([[['comment!'], RecordFlag.options]]);
  });

  it.each([
    ['none', 0],
    ['not whole words', 10],
    ['beyond the batch', 16],
    ['beyond any', 0xffff_fffc],
  ])('refuses a record whose options are %s', (_, bytes) => {
    using ring = makeTestRing();
    core().ringAddInterface(ring.handle, INTERFACE);
    const records = commentedRecord();
    new DataView(records.buffer).setUint32(RECORD_HEADER_BYTES + 64, bytes, true);
    expect(() => core().ringAppend(ring.handle, records)).toThrow(/a record out of bounds/);
    expect(() => core().ringAppend(ring.handle, records.subarray(0, RECORD_HEADER_BYTES + 64))).toThrow(/a record/);
    expect(ring.read()).toHaveLength(0);
  });

  it.each([
    ['longer than the batch', (header: DataView) => header.setUint32(RecordField.caplen, 2000, true)],
    ['longer than any packet', (header: DataView) => header.setUint32(RecordField.caplen, 0xffff_fff0, true)],
    ['of no interface', (header: DataView) => header.setUint32(RecordField.interfaceAndFlags, 1, true)],
  ])('refuses a record that is %s, with those before it taken', (_, spoil) => {
    using ring = makeTestRing();
    core().ringAddInterface(ring.handle, INTERFACE);
    const records = batchOf(2, 64);
    spoil(new DataView(records.buffer, records.byteOffset + RECORD_HEADER_BYTES + 64));
    expect(() => core().ringAppend(ring.handle, records)).toThrow(/a record/);
    expect(ring.read()).toHaveLength(1);
  });

  it('refuses half a header', () => {
    using ring = makeTestRing();
    core().ringAddInterface(ring.handle, INTERFACE);
    expect(() => core().ringAppend(ring.handle, batchOf(1, 0).subarray(0, 16))).toThrow('a record of 16 bytes');
    expect(core().ringAppend(ring.handle, new Uint8Array())).toBe(0);
  });
});
