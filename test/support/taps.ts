// Taps and consumers in the test's own process, over savefiles of numbered packets; nothing of them outlives the test.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type AttachOptions, attach } from '../../src/consumer/attach.js';
import type { Consumer } from '../../src/consumer/consumer.js';
import { makePacket } from '../../src/packet/packet-view.js';
import { createWriter } from '../../src/savefile/create-writer.js';
import { type ReplayOptions, ReplaySource } from '../../src/source/replay.js';
import { Tap, type TapEvents, type TapOptions } from '../../src/tap/tap.js';
import { encodeSavefile } from './encode-savefile.js';
import { MIB, numbered } from './numbered-packets.js';
import { makeInterface } from './packets.js';

/** Packets of `numberedSavefile` that fill a ring of 1 MiB, and a few more. */
export const RINGFUL = 7800;

/** A folder that goes with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pkttap-taps-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A savefile of packets numbered from 0, 100 bytes each; their origlen tells number modulo 3, their bytes modulo 256. */
export function numberedSavefile(count: number, folder = testFolder(), linktype = 1): string {
  const interfaces = [makeInterface({ linktype })];
  const packets = numbered(count).map((packet) => makePacket({ ...packet, interface: interfaces[0]! }));
  const path = join(folder, `${count}.pcap`);
  writeFileSync(path, encodeSavefile(createWriter({ format: 'nsecpcap', interfaces }), packets));
  return path;
}

export interface TestTapOptions extends Partial<TapOptions> {
  /** Packets to replay; default 100. */
  readonly packets?: number;
  readonly replay?: ReplayOptions;
  readonly events?: TapEvents;
}

export interface TestTap {
  readonly tap: Tap;
  readonly directory: string;
  attach(options?: AttachOptions): Promise<Consumer>;
}

/** A tap called `t`, open but not started, with the smallest ring. */
export function openTap({ packets = 100, replay, events, ...options }: TestTapOptions = {}): TestTap {
  const folder = testFolder();
  const directory = options.directory ?? join(folder, 'taps');
  const path = numberedSavefile(packets, folder);
  const source = new ReplaySource([path], { pace: { kind: 'topspeed' }, ...replay });
  const tap = Tap.open({ name: 't', source, directory, ringBytes: MIB, ...options }, events);
  onTestFinished(() => tap.close());
  const attachHere = async (more: AttachOptions = {}) => {
    const consumer = await attach('t', { directory, ...more });
    onTestFinished(() => consumer.close());
    return consumer;
  };
  return { tap, directory, attach: attachHere };
}

/** Reads a consumer to its end: the sequences it got. Throws what the consumer throws. */
export async function sequencesOf(consumer: Consumer): Promise<number[]> {
  const sequences: number[] = [];
  for await (const batch of consumer) for (const packet of batch) sequences.push(Number(packet.sequence));
  return sequences;
}

/** The numbers from `first` up to but without `end`. */
export function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}

/** The consumer's counts; fails unless they add up to what was published since it attached. */
export function balanceOf(consumer: Consumer, publishedBefore = 0) {
  const counters = consumer.counters();
  const { delivered, filtered, missed, lag, source } = counters;
  expect(delivered + filtered + missed + lag).toBe(source.published - publishedBefore);
  return counters;
}

/** Descriptors of this process. */
export function openFds(): number {
  return readdirSync('/proc/self/fd').length;
}
