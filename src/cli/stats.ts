// pkttap stats: packets, losses by cause, and consumers, of one tap or of all.

import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { listTaps, observe, tapStats } from '../consumer/observe.js';
import type { TapStats } from '../control/messages.js';
import { TapError } from '../errors.js';
import { UsageError } from './failure.js';
import { print } from './output.js';
import { isStop, stopSignal } from './signals.js';
import { knownOr, sizeText, table } from './text.js';

interface Flags {
  readonly json?: true;
  readonly watch?: true;
}

const WATCH_STEP_MS = 1000;
const CLEAR_SCREEN = '\x1b[H\x1b[2J';

export function configure(command: Command): void {
  command
    .description('Show packets, losses by cause and consumers of a tap, or of all taps.')
    .argument('[tap]', "the tap's name, or the path of its socket (default: all)")
    .option('--json', 'a JSON object for each tap, one a line')
    .option('--watch', 'once a second, until the tap ends')
    .addHelpText(
      'after',
      '\nExamples:\n  pkttap stats\n  pkttap stats eth0 --watch\n  pkttap stats eth0 --json | jq .kernelDropped',
    )
    .action(run);
}

async function run(tap: string | undefined, flags: Flags): Promise<void> {
  if (flags.watch) {
    if (tap === undefined) throw new UsageError('--watch needs the name of a tap');
    return await watch(tap, flags);
  }
  const all = tap === undefined ? await listTaps() : [await tapStats(tap)];
  // Whoever asks for statistics, a container's health check for one, counts on a tap.
  if (all.length === 0) throw new TapError('ERR_TAP_UNKNOWN_TAP', 'no tap runs');
  for (const stats of all) await print(render(stats, flags));
}

async function watch(tap: string, flags: Flags): Promise<void> {
  using observer = await observe(tap);
  const clear = process.stdout.isTTY && !flags.json ? CLEAR_SCREEN : '';
  try {
    while (await print(clear + render(await observer.stats(), flags))) {
      await delay(WATCH_STEP_MS, undefined, { signal: stopSignal });
    }
  } catch (error) {
    // The tap's end is what we were watching for, and a signal is how people leave.
    const ended = error instanceof TapError && error.code === 'ERR_TAP_DIED';
    if (!ended && !isStop(error) && !stopSignal.aborted) throw error;
  }
}

function render(stats: TapStats, { json }: Flags): string {
  return json ? `${JSON.stringify(stats)}\n` : `${text(stats)}\n`;
}

function text(stats: TapStats): string {
  const { tap, pid, state, source, ringBytes, received, published, bytes, kernelDropped, interfaceDropped } = stats;
  const lines = [
    `tap ${tap} (pid ${pid}), ${state}, ring ${sizeText(ringBytes)}, from ${source}`,
    `  received           ${received}`,
    `  kernel dropped     ${knownOr(kernelDropped, 'unknown')}`,
    `  interface dropped  ${knownOr(interfaceDropped, 'unknown')}`,
    `  published          ${published} (${bytes} bytes)`,
  ];
  if (stats.consumers.length === 0) return [...lines, '  no consumer'].join('\n');
  const rows = stats.consumers.map(({ name, pid, uid, policy, delivered, missed, lag }) => {
    return [name, pid, uid, policy, delivered, missed, lag];
  });
  const consumers = table([['CONSUMER', 'PID', 'UID', 'POLICY', 'DELIVERED', 'MISSED', 'LAG'], ...rows]);
  return [...lines, ...consumers.split('\n').map((line) => `  ${line}`)].join('\n');
}
