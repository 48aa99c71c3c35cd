// What attach and analyze have in common: the options of a consumer, and how its end is told.

import type { Command } from 'commander';
import { type AttachOptions, attach } from '../consumer/attach.js';
import type { Consumer, ConsumerCounters } from '../consumer/consumer.js';
import type { FixedShare } from '../consumer/selection.js';
import { EXIT_LOST } from './failure.js';
import {
  type ConsumerOnSlow,
  collect,
  onSlowOption,
  parseCount,
  parseNumber,
  parseShare,
  policyOf,
} from './options.js';
import { onStatisticsSignal, stopSignal } from './signals.js';
import { counted } from './text.js';

const ON_SLOW =
  'make the tap wait for us, or miss packets, which are counted: the oldest, or all but the newest; default: what the tap says';

export interface ConsumerFlags {
  readonly wait?: true;
  readonly reconnect?: true;
  readonly oldest?: true;
  readonly onSlow?: ConsumerOnSlow;
  readonly share?: FixedShare | string;
  readonly interface?: string[];
  readonly snapshotLength?: number;
  readonly sample?: number;
  readonly busyPoll?: number | true;
  readonly name?: string;
  readonly failOnDrop?: true;
  readonly quiet?: true;
}

/** Adds the options that every consumer has. */
export function addConsumerOptions(command: Command): Command {
  return command
    .option('--wait', 'wait for the tap to come')
    .option('--reconnect', 'when the tap has gone, wait for it to come back and go on')
    .option('--oldest', 'begin with the oldest packet in the ring (default: the next)')
    .option(
      '--share <which>',
      'a part of the flows: 2/4, the second of four; or NAME, what a group of that name gives us',
      parseShare,
    )
    .option('-i, --interface <name>', 'packets of this interface, by name or index (repeatable)', collect)
    .option('-s, --snapshot-length <bytes>', 'no more of each packet', parseNumber)
    .option('--sample <n>', 'each n-th of the packets that match', parseNumber)
    .addOption(onSlowOption(ON_SLOW, ['wait', 'drop', 'newest']))
    .option('--busy-poll [us]', 'look for packets for so long, or always, before going to sleep', parseCount)
    .option('--name <name>', 'what `pkttap stats` calls us')
    .option('--fail-on-drop', 'exit with status 3 if packets were lost')
    .option('-q, --quiet', 'print errors only');
}

/** The options as attach() takes them. SIGINT, SIGTERM and SIGHUP abort it. */
export function attachOptionsOf(flags: ConsumerFlags, filter: readonly string[], defaultName: string): AttachOptions {
  return {
    name: flags.name ?? `${defaultName}:${process.pid}`,
    signal: stopSignal,
    ...(flags.wait && { wait: true }),
    ...(flags.reconnect && { reconnect: true }),
    ...(flags.oldest && { start: 'oldest' as const }),
    ...(flags.onSlow !== undefined && { policy: policyOf(flags.onSlow) }),
    ...(filter.length > 0 && { filter: filter.join(' ') }),
    ...(flags.share !== undefined && { share: flags.share }),
    ...(flags.interface !== undefined && { interfaces: flags.interface.flatMap(nameOrIndex) }),
    ...(flags.snapshotLength !== undefined && { snaplen: flags.snapshotLength }),
    ...(flags.sample !== undefined && { sample: flags.sample }),
    ...(flags.busyPoll !== undefined && { busyPoll: flags.busyPoll }),
    onWarning: (message) => void process.stderr.write(`pkttap: warning: ${message}\n`),
  };
}

/** Attaches as the options say. A signal ends the consumer; a member of a share group reads what is its own before that. */
export async function attachBy(
  tap: string,
  flags: ConsumerFlags,
  filter: readonly string[],
  defaultName: string,
): Promise<Consumer> {
  const options = attachOptionsOf(flags, filter, defaultName);
  if (typeof flags.share !== 'string') return await attach(tap, options);
  const attaching = new AbortController();
  let leave = () => attaching.abort(stopSignal.reason);
  if (stopSignal.aborted) leave();
  stopSignal.addEventListener('abort', () => leave(), { once: true });
  const consumer = await attach(tap, { ...options, signal: attaching.signal });
  leave = () => consumer.leave();
  return consumer;
}

/** Digits are an index, unless an interface is called that. */
function nameOrIndex(text: string): (string | number)[] {
  return /^\d+$/.test(text) ? [text, Number(text)] : [text];
}

/** SIGUSR1 prints what this consumer has got so far. */
export function announceStatistics(consumer: Consumer): void {
  onStatisticsSignal(() => `pkttap: ${countersLine(consumer.counters())}`);
}

/** `10 packets received, 0 missed`; what its source lost, and what was overwritten, only if it happened. */
export function countersLine({ delivered, filtered, missed, lag, gaps, source }: ConsumerCounters): string {
  const { kernelDropped = 0, interfaceDropped = 0 } = source;
  return [
    `${counted(delivered, 'packet')} received, ${missed} missed`,
    ...(filtered > 0 ? [`${filtered} filtered`] : []),
    ...(gaps > 0 ? [`${counted(gaps, 'gap')} of unknown size`] : []),
    ...(lag > 0 ? [`${lag} not read`] : []),
    ...(kernelDropped > 0 ? [`${kernelDropped} dropped by the tap's kernel`] : []),
    ...(interfaceDropped > 0 ? [`${interfaceDropped} dropped by the tap's interface`] : []),
  ].join(', ');
}

/**
 * From now on watches for losses: what the source lost from here on, and all that this consumer missed or had overwritten
 * while it read. Tells whether there were any.
 */
export function watchLosses(consumer: Consumer): () => boolean {
  const before = sourceLossesOf(consumer.counters());
  return () => {
    const counters = consumer.counters();
    return counters.gaps > 0 || counters.missed > 0 || counters.overwritten > 0 || sourceLossesOf(counters) > before;
  };
}

/** Sets the exit code for --fail-on-drop; an error's code comes first. */
export function failOnLosses({ failOnDrop }: ConsumerFlags, hasLost: boolean): void {
  if (failOnDrop && hasLost) process.exitCode ??= EXIT_LOST;
}

/** Whether they grow is all that matters: different packets, and no count for anybody. */
function sourceLossesOf({ source: { kernelDropped = 0, interfaceDropped = 0 } }: ConsumerCounters): number {
  return kernelDropped + interfaceDropped;
}
