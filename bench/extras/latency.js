// Latency to sleeping consumers, and what waking them costs. A program writes single packets into a FIFO that the tap
// replays; each carries the time of its writing, and consumers subtract it from the time at which they have the packet.
// So the tap's own waking up, the ring, the doorbell and the consumer's event loop are all in it.

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '../support/worker.js';

const SLEEPERS = [1, 2, 4];
const PACKETS = 1000;
/** Long enough for everybody to fall asleep again. */
const INTERVAL_MS = 1;

/** @param {{ directory: string }} options */
export async function measureLatency({ directory }) {
  const results = [];
  for (const consumers of SLEEPERS) results.push(await measure({ directory, consumers, busyPoll: false }));
  results.push(await measure({ directory, consumers: 1, busyPoll: true }));
  return results;
}

/** @param {{ directory: string, consumers: number, busyPoll: boolean }} options `busyPoll`: they never sleep */
async function measure({ directory, consumers, busyPoll }) {
  const path = join(directory, 'latency.fifo');
  execFileSync('mkfifo', [path]);
  const [tap, feeder] = [new Worker('tap'), new Worker('feeder')];
  const readers = Array.from({ length: consumers }, () => new Worker('consumer'));
  try {
    await tap.call('open', { path, directory });
    await Promise.all(readers.map((reader) => reader.call('attach', { directory, busyPoll })));
    const [{ cpuSeconds }, , ...times] = await Promise.all([
      tap.call('run', { consumers }),
      feeder.call('feed', { path, packets: PACKETS, intervalMs: INTERVAL_MS }),
      ...readers.map((reader) => reader.call('time')),
    ]);
    await tap.call('close');
    return {
      consumers,
      busyPoll,
      p50Ns: Math.max(...times.map(({ p50 }) => p50)),
      p99Ns: Math.max(...times.map(({ p99 }) => p99)),
      tapCpuNs: (cpuSeconds / PACKETS) * 1e9,
      consumerCpuNs: (Math.max(...times.map((time) => time.cpuSeconds)) / PACKETS) * 1e9,
    };
  } finally {
    for (const worker of [tap, feeder, ...readers]) worker.close();
    rmSync(path);
  }
}
