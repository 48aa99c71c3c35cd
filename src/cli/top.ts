// pkttap top: what a tap does right now: rates, losses by cause, consumers, the largest flows and talkers. It asks the tap for
// its statistics, and is a consumer that the tap never waits for.

import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { attach } from '../consumer/attach.js';
import { type Observer, observe } from '../consumer/observe.js';
import { TapError } from '../errors.js';
import { parseNumber, parseSeconds } from './options.js';
import { print } from './output.js';
import { openScreen, type Screen } from './screen.js';
import { stopSignal } from './signals.js';
import { type Room, reportOf, type TopReport } from './top-report.js';
import { FIXED_LINES, linesOf } from './top-text.js';
import { Traffic } from './top-traffic.js';

interface Flags {
  readonly delay: number;
  readonly iterations?: number;
  readonly json?: true;
}

const NO_SCREEN_ROOM: Room = { flows: 10, talkers: 10 };

const EXAMPLES = `
At a terminal: q quits, space looks at once. Elsewhere a block of text for each
look.

Examples:
  pkttap top eth0
  pkttap top eth0 -d 10 -n 6 >> top.log
  pkttap top eth0 -n 1 --json | jq .flows`;

export function configure(command: Command): void {
  command
    .description('Show what a tap does right now: rates, losses, consumers, the largest flows and talkers.')
    .argument('<tap>', "the tap's name, or the path of its socket")
    .option('-d, --delay <seconds>', 'from look to look', parseSeconds, 1)
    .option('-n, --iterations <n>', 'end after so many looks', parseNumber)
    .option('--json', 'a JSON object for each look, one a line')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(tap: string, flags: Flags): Promise<void> {
  const quitting = new AbortController();
  const signal = AbortSignal.any([stopSignal, quitting.signal]);
  try {
    using observer = await observe(tap, { signal });
    using consumer = await attach(tap, { policy: 'lossy', name: `top:${process.pid}`, signal });
    const traffic = new Traffic();
    const following = traffic.follow(consumer, signal).finally(() => quitting.abort());
    await Promise.all([following, showAll({ observer, traffic, flags, quitting, signal })]);
  } catch (error) {
    // The tap's end is an end, as are q and the signals: whether the consumer learns of it first, or who asks for statistics.
    if (error instanceof TapError ? error.code !== 'ERR_TAP_DIED' : !signal.aborted) throw error;
  }
}

interface Looking {
  readonly observer: Observer;
  readonly traffic: Traffic;
  readonly flags: Flags;
  readonly quitting: AbortController;
  readonly signal: AbortSignal;
}

async function showAll({ observer, traffic, flags, quitting, signal }: Looking): Promise<void> {
  let report: TopReport | undefined;
  let lookNow = () => {};
  const onRepaint = () => void (report && screen?.paint(linesOf(report)));
  const onKey = (key: string) => {
    if (key === 'q') quitting.abort();
    if (key === ' ') lookNow();
  };
  using screen = flags.json ? undefined : openScreen({ onKey, onRepaint });
  let before = { stats: await observer.stats(), atMs: performance.now() };
  for (let looks = 0; looks !== flags.iterations; looks++) {
    const early = new AbortController();
    lookNow = () => early.abort();
    await delay(flags.delay * 1000, undefined, { signal: AbortSignal.any([signal, early.signal]) }).catch(() => {});
    signal.throwIfAborted();
    const now = { stats: await observer.stats(), atMs: performance.now() };
    const seconds = (now.atMs - before.atMs) / 1000;
    report = reportOf(before.stats, now.stats, traffic.take(seconds), {
      seconds,
      room: roomOn(screen, now.stats.consumers.length),
    });
    before = now;
    if (screen !== undefined) screen.paint(linesOf(report));
    else if (!(await print(flags.json ? `${JSON.stringify(report)}\n` : `${linesOf(report).join('\n')}\n\n`))) break;
  }
  quitting.abort();
}

/** Flows get what talkers leave. */
function roomOn(screen: Screen | undefined, consumers: number): Room {
  if (screen === undefined) return NO_SCREEN_ROOM;
  const rows = Math.max(2, screen.rows - FIXED_LINES - consumers);
  const talkers = Math.min(10, Math.floor(rows / 3));
  return { talkers, flows: rows - talkers };
}
