// pkttap stats: packets, losses by cause, and consumers, of one tap or of all.

import { setTimeout as delay } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { listTaps, observe } from '../consumer/observe.js';
import type { TapStats } from '../control/messages.js';
import { TapError } from '../errors.js';
import { parseSeconds } from './options.js';
import { print } from './output.js';
import { isStop, stopSignal } from './signals.js';
import { statsLine } from './stats-lines.js';
import { knownOr, sizeText, table } from './text.js';

interface Flags {
  readonly json?: true;
  /** Seconds; true: the default. */
  readonly watch?: number | true;
}

const DEFAULT_WATCH_SECONDS = 1;
const CLEAR_SCREEN = '\x1b[H\x1b[2J';

export function configure(command: Command): void {
  command
    .description('Show packets, losses by cause and consumers of a tap, or of all taps.')
    .argument('[tap]', "the tap's name, or the path of its socket (default: all)")
    .option('--json', 'a JSON object for each tap, one a line')
    .option('--watch [seconds]', 'again every so often, until the tap ends (default: 1)', parseWatch)
    .addHelpText(
      'after',
      '\nExamples:\n  pkttap stats\n  pkttap stats eth0 --watch\n  pkttap stats eth0 --json | jq .kernelDropped',
    )
    .action(run);
}

async function run(tap: string | undefined, flags: Flags): Promise<void> {
  using taps = tap === undefined ? everyTap() : await oneTap(tap);
  const all = await taps.stats();
  // Whoever asks for statistics, a container's health check for one, counts on a tap.
  if (all.length === 0) throw new TapError('ERR_TAP_UNKNOWN_TAP', 'no tap runs');
  if (flags.watch !== undefined) return await watch(taps, all, flags);
  for (const stats of all) await print(render(stats, flags));
}

/** Whom to ask, again and again. */
interface Taps extends Disposable {
  stats(): Promise<TapStats[]>;
}

function everyTap(): Taps {
  return { stats: () => listTaps(), [Symbol.dispose]: () => {} };
}

async function oneTap(tap: string): Promise<Taps> {
  const observer = await observe(tap);
  return { stats: async () => [await observer.stats()], [Symbol.dispose]: () => observer.close() };
}

/** A table that stays in its place on a terminal, lines anywhere else. Until no tap is left. */
async function watch(taps: Taps, first: readonly TapStats[], { watch, json }: Flags): Promise<void> {
  const ms = (watch === true || watch === undefined ? DEFAULT_WATCH_SECONDS : watch) * 1000;
  const onTerminal = process.stdout.isTTY && !json;
  const show = (all: readonly TapStats[]) => {
    if (onTerminal) return print(CLEAR_SCREEN + all.map((stats) => `${text(stats)}\n`).join('\n'));
    return print(all.map((stats) => (json ? render(stats, { json }) : `${timedLine(stats)}\n`)).join(''));
  };
  try {
    for (let all = first; all.length > 0 && (await show(all)); all = await taps.stats())
      await delay(ms, undefined, { signal: stopSignal });
  } catch (error) {
    // The tap's end is what we were watching for, and a signal is how people leave.
    const ended = error instanceof TapError && error.code === 'ERR_TAP_DIED';
    if (!ended && !isStop(error) && !stopSignal.aborted) throw error;
  }
}

function timedLine(stats: TapStats): string {
  return `${new Date().toISOString()} ${stats.tap}: ${statsLine(stats)}`;
}

function parseWatch(text: string): number {
  if (Number.isNaN(Number(text))) throw new InvalidArgumentError("seconds are expected; a tap's name goes before it.");
  return parseSeconds(text);
}

function render(stats: TapStats, { json }: Flags): string {
  return json ? `${JSON.stringify(stats)}\n` : `${text(stats)}\n`;
}

function rings(lanes: number, bytes: number): string {
  return lanes === 1 ? `ring ${sizeText(bytes)}` : `${lanes} rings of ${sizeText(bytes)}`;
}

/** Only if it happened. */
function handedOver({ handedOver, handOverUnknown }: TapStats): string[] {
  if (handedOver + handOverUnknown === 0) return [];
  const unknown = handOverUnknown === 0 ? '' : `, and perhaps some of ${handOverUnknown} overwritten`;
  return [`  handed over        ${handedOver} left unread by members of share groups${unknown}`];
}

function text(stats: TapStats): string {
  const { tap, pid, state, source, lanes, ringBytes, received, published, bytes, kernelDropped, interfaceDropped } =
    stats;
  const lines = [
    `tap ${tap} (pid ${pid}), ${state}, ${rings(lanes, ringBytes)}, from ${source}`,
    `  received           ${received}`,
    `  kernel dropped     ${knownOr(kernelDropped, 'unknown')}`,
    `  interface dropped  ${knownOr(interfaceDropped, 'unknown')}`,
    `  published          ${published} (${bytes} bytes)`,
    ...handedOver(stats),
  ];
  if (stats.consumers.length === 0) return [...lines, '  no consumer'].join('\n');
  const rows = stats.consumers.map(({ name, pid, uid, policy, share = '-', delivered, filtered, missed, lag }) => {
    return [name, pid, uid, policy, share, delivered, filtered, missed, lag];
  });
  const heads = ['CONSUMER', 'PID', 'UID', 'POLICY', 'SHARE', 'DELIVERED', 'FILTERED', 'MISSED', 'LAG'];
  const consumers = table([heads, ...rows]);
  return [...lines, ...consumers.split('\n').map((line) => `  ${line}`)].join('\n');
}
