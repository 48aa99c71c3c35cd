// Packets that tell their number in every field, so that a reader's loss, shift or tear shows, and what a reader's counts
// must add up to.

import { expect } from 'vitest';
import type { PacketView } from '../../src/packet/packet-view.js';
import type { ReaderCounters, RingReader } from '../../src/ring/ring-reader.js';
import { countingBytes } from './packets.js';
import type { FedPacket, RingFeed } from './ring-feed.js';

export const MIB = 1 << 20;
export const ALL = Number.MAX_SAFE_INTEGER;

/** As countingBytes() gives them, made once: tests write many of them. */
const COUNTING = countingBytes(262_144 + 256);

/** `count` packets numbered from `from` on. */
export function numbered(count: number, from = 0, caplen = 100): FedPacket[] {
  return Array.from({ length: count }, (_, i) => numberedPacket(from + i, caplen));
}

export function numberedPacket(number: number, caplen: number): FedPacket {
  const seed = number & 0xff;
  return {
    data: COUNTING.subarray(seed, seed + caplen),
    origlen: caplen + (number % 3),
    tsNs: 1_000_000_007n * BigInt(number),
  };
}

/** A packet as one string: comparing those is much faster than comparing arrays of bytes. */
export function told({ data, origlen = data.length, tsNs = 0n, comments = [] }: FedPacket | PacketView): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1');
  return `tsNs=${tsNs} origlen=${origlen} comments=${JSON.stringify(comments)} data=${bytes}`;
}

/** Copies of everything that can be read now. */
export function readAll(reader: RingReader): PacketView[] {
  const packets: PacketView[] = [];
  for (let batch = reader.take(ALL); batch !== undefined; batch = reader.take(ALL)) {
    for (const packet of batch) packets.push(packet.copy());
  }
  return packets;
}

/** The reader's counts; fails unless published = delivered + filtered + missed + lag. */
export function balance(reader: RingReader, feed: RingFeed): ReaderCounters {
  const counters = reader.counters();
  const { delivered, filtered, missed, lag } = counters;
  expect(delivered + filtered + missed + lag).toBe(feed.memory.counters().published);
  return counters;
}
