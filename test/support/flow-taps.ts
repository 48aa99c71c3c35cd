// Taps that replay packets of many flows: packet n is of flow n modulo their number, so that a sequence tells its flow.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type AttachOptions, attach } from '../../src/consumer/attach.js';
import type { Consumer } from '../../src/consumer/consumer.js';
import { makePacket } from '../../src/packet/packet-view.js';
import { createWriter } from '../../src/savefile/create-writer.js';
import { ReplaySource } from '../../src/source/replay.js';
import { Tap, type TapOptions } from '../../src/tap/tap.js';
import { encodeSavefile } from './encode-savefile.js';
import { flowFrame } from './flow-packets.js';
import { MIB } from './numbered-packets.js';
import { makeInterface } from './packets.js';
import { testFolder } from './taps.js';
import { until } from './until.js';

export interface FlowTapOptions extends Partial<TapOptions> {
  readonly packets: number;
  readonly flows: number;
  /** Paused before its first packet. Default false. */
  readonly paused?: boolean;
}

export interface FlowTap {
  readonly tap: Tap;
  readonly directory: string;
  attach(options?: AttachOptions): Promise<Consumer>;
  /** Publishes so many packets, and resolves when they are. */
  step(packets: number): Promise<void>;
  /** Publishes all that is left, at top speed. */
  resume(): void;
}

/** A tap called `t`, not started, with the smallest ring. */
export function openFlowTap({ packets, flows, paused = false, ...options }: FlowTapOptions): FlowTap {
  const folder = testFolder();
  const directory = options.directory ?? join(folder, 'taps');
  const path = flowSavefile(folder, packets, flows);
  const source = new ReplaySource([path], { pace: { kind: 'topspeed' } });
  if (paused) source.control.pause();
  const tap = Tap.open({ name: 't', source, directory, ringBytes: MIB, ...options });
  onTestFinished(() => tap.close());
  let published = 0;
  return {
    tap,
    directory,
    resume: () => source.control.resume(),
    async attach(more = {}) {
      const consumer = await attach('t', { directory, ...more });
      onTestFinished(() => consumer.close());
      return consumer;
    },
    async step(count) {
      published += count;
      source.control.step(count);
      await until(() => tap.stats().published === published);
    },
  };
}

/** The sequences that a consumer can read now, and that it chose. */
export async function readNow(consumer: Consumer): Promise<number[]> {
  const sequences: number[] = [];
  for (;;) {
    const batch = await consumer.receivePackets(Number.MAX_SAFE_INTEGER, { maxWaitMs: 0 });
    const before = sequences.length;
    for (const packet of batch ?? []) sequences.push(Number(packet.sequence));
    if (batch === null || (sequences.length === before && consumer.counters().lag === 0)) return sequences;
  }
}

function flowSavefile(folder: string, packets: number, flows: number): string {
  const interfaces = [makeInterface({ linktype: 1 })];
  const path = join(folder, 'flows.pcap');
  const views = Array.from({ length: packets }, (_, i) => {
    const data = flowFrame({ flow: i % flows, number: Math.floor(i / flows) });
    return makePacket({ data, interface: interfaces[0]! });
  });
  writeFileSync(path, encodeSavefile(createWriter({ format: 'nsecpcap', interfaces }), views));
  return path;
}
