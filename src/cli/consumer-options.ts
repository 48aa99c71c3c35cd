// What attach and analyze have in common: the options of a consumer, and how its end is told.

import type { Command } from 'commander';
import type { AttachOptions } from '../consumer/attach.js';
import type { Consumer } from '../consumer/consumer.js';
import { type OnSlow, onSlowOption, policyOf } from './options.js';
import { onStatisticsSignal, stopSignal } from './signals.js';
import { counted } from './text.js';

export interface ConsumerFlags {
  readonly wait?: true;
  readonly oldest?: true;
  readonly onSlow?: OnSlow;
  readonly name?: string;
  readonly quiet?: true;
}

/** Adds the options that every consumer has. */
export function addConsumerOptions(command: Command): Command {
  return command
    .option('--wait', 'wait for the tap to come')
    .option('--oldest', 'begin with the oldest packet in the ring (default: the next)')
    .addOption(onSlowOption('make the tap wait for us, or miss packets, which are counted; default: what the tap says'))
    .option('--name <name>', 'what `pkttap stats` calls us')
    .option('-q, --quiet', 'print errors only');
}

/** The options as attach() takes them. SIGINT and SIGTERM abort it. */
export function attachOptionsOf(flags: ConsumerFlags, defaultName: string): AttachOptions {
  return {
    name: flags.name ?? `${defaultName}:${process.pid}`,
    signal: stopSignal,
    ...(flags.wait && { wait: true }),
    ...(flags.oldest && { start: 'oldest' as const }),
    ...(flags.onSlow !== undefined && { policy: policyOf(flags.onSlow) }),
  };
}

/** SIGUSR1 prints what this consumer has got so far. */
export function announceStatistics(consumer: Consumer): void {
  onStatisticsSignal(() => `pkttap: ${countersLine(consumer)}`);
}

/** `10 packets received, 0 missed`; what was overwritten while it was read only if it happened. */
export function countersLine(consumer: Consumer): string {
  const { delivered, missed, lag } = consumer.counters();
  return `${counted(delivered, 'packet')} received, ${missed} missed${lag > 0 ? `, ${lag} not read` : ''}`;
}
