// From a consumer to an output, until the tap has ended, enough has come, nobody wants more, or the time is up.

import type { Consumer } from '../consumer/consumer.js';
import type { PacketBatch } from '../ring/packet-batch.js';
import type { PacketOutput } from './packet-output.js';

export interface CopyLimits {
  /** Infinity: no limit. */
  readonly packets: number;
  /** From now on. Infinity: no limit. */
  readonly seconds: number;
}

/** The longest time a timer can have; after it, there is another one. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Rejects as Consumer.receivePackets and the output do. */
export async function copyPackets(consumer: Consumer, output: PacketOutput, limits: CopyLimits): Promise<void> {
  const endMs = performance.now() + limits.seconds * 1000;
  for (let left = limits.packets; left > 0; left = limits.packets - output.packets) {
    const max = Math.min(left, Number.MAX_SAFE_INTEGER);
    const batch = await receiveUntil(consumer, max, Math.min(endMs, output.dueMs ?? Infinity));
    if (batch === null) return;
    const isOver = performance.now() >= endMs;
    if (batch !== undefined && !(await output.write(batch))) return;
    if (isOver || (batch === undefined && !(await output.timeUp()))) return;
  }
}

/** The next batch; undefined when the time (of performance.now()) comes first. */
async function receiveUntil(consumer: Consumer, max: number, ms: number): Promise<PacketBatch | null | undefined> {
  if (ms === Infinity) return await consumer.receivePackets(max);
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(), Math.min(ms - performance.now(), MAX_TIMER_MS));
  try {
    return await consumer.receivePackets(max, { signal: timeUp.signal });
  } catch (error) {
    if (timeUp.signal.aborted && error === timeUp.signal.reason) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
