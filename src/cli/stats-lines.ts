// Statistics of a tap as a line: all that is counted, each loss apart; and, on standard error while packets come, what came
// so far and the rate since the last line.

import type { TapStats } from '../control/messages.js';
import { counted } from './text.js';

type SourceLosses = Pick<TapStats, 'kernelDropped' | 'interfaceDropped'>;

/** `10 received, 10 published, 0 dropped by kernel, 0 dropped by interface, 2 consumers, x missed 5`. Unknown is left out. */
export function statsLine({ received, published, kernelDropped, interfaceDropped, consumers }: TapStats): string {
  return [
    `${received} received, ${published} published`,
    ...sourceLosses({ kernelDropped, interfaceDropped }),
    counted(consumers.length, 'consumer'),
    ...consumers.filter(({ missed }) => missed > 0).map(({ name, missed }) => `${name} missed ${missed}`),
  ].join(', ');
}

/** A source's losses, as far as it knows them. */
export function sourceLosses({ kernelDropped, interfaceDropped }: SourceLosses): string[] {
  return [
    ...(kernelDropped === undefined ? [] : [`${kernelDropped} dropped by kernel`]),
    ...(interfaceDropped === undefined ? [] : [`${interfaceDropped} dropped by interface`]),
  ];
}

/** Prints until disposed of. */
export function printStatsEvery(seconds: number, stats: () => TapStats): Disposable {
  const startedMs = performance.now();
  let before = { atMs: startedMs, published: 0, bytes: 0 };
  const timer = setInterval(() => {
    const { published, bytes, state } = stats();
    const atMs = performance.now();
    const sinceSeconds = (atMs - before.atMs) / 1000;
    const pps = Math.round((published - before.published) / sinceSeconds);
    const mbps = ((bytes - before.bytes) * 8) / sinceSeconds / 1e6;
    before = { atMs, published, bytes };
    const elapsed = ((atMs - startedMs) / 1000).toFixed(2);
    const paused = state === 'paused' ? ', paused' : '';
    process.stderr.write(
      `${elapsed} s: ${counted(published, 'packet')} (${bytes} bytes), ${pps} pps, ${mbps.toFixed(2)} Mbps${paused}\n`,
    );
  }, seconds * 1000);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
