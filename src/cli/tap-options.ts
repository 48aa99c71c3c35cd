// What capture and replay have in common: the options of a tap, and running one until it ends.

import type { Command } from 'commander';
import type { TapStats } from '../control/messages.js';
import type { PacketSource } from '../source/packet-source.js';
import { Tap, type TapEnd } from '../tap/tap.js';
import { ConsumerLedger, type ConsumersAtEnd } from './consumer-ledger.js';
import { EXIT_ERROR, EXIT_LOST, reportAndExitCode } from './failure.js';
import { collect, type OnSlow, onSlowOption, parseCount, parseRingSize, policyOf } from './options.js';
import { Progress } from './progress.js';
import { Recorder, type Recording } from './recorder.js';
import { inheritedListener, sayReady } from './service-manager.js';
import { isStop, onStatisticsSignal, stopSignal } from './signals.js';
import { statsLine } from './stats-lines.js';
import { counted } from './text.js';

export interface TapFlags {
  readonly tap?: string;
  readonly ringSize?: number;
  readonly onSlow?: OnSlow;
  readonly stallTimeout?: number;
  readonly waitFor: number;
  readonly group?: string;
  readonly allowUser?: string[];
  readonly allowGroup?: string[];
  readonly failOnDrop?: true;
  readonly quiet?: true;
}

/** What a command's help says of values that depend on its source. */
export interface TapDefaults {
  readonly name: string;
  readonly ringSize: string;
  readonly onSlow: OnSlow;
}

/** Adds the options that every tap has. */
export function addTapOptions(command: Command, defaults: TapDefaults): Command {
  return command
    .option('--tap <name>', `name of the tap (default: ${defaults.name})`)
    .option('--wait-for <n>', 'start when this many consumers are attached', parseCount, 0)
    .option(
      '--ring-size <size>',
      `shared memory, a power of two from 1M to 1G (default: ${defaults.ringSize})`,
      parseRingSize,
    )
    .addOption(onSlowOption(`wait for slow consumers, or let them miss packets; default: ${defaults.onSlow}`))
    .option('--stall-timeout <ms>', 'wait no longer than this for one that stands still (default: 30000)', parseCount)
    .option('--group <group>', 'let this group attach')
    .option('--allow-user <user>', 'let this user attach (repeatable)', collect)
    .option('--allow-group <group>', 'let this group attach, too (repeatable)', collect)
    .option('--fail-on-drop', 'exit with status 3 if packets were lost')
    .option('-q, --quiet', 'print errors only');
}

export interface RunTap {
  readonly source: PacketSource;
  readonly name: string;
  readonly flags: TapFlags;
  /** Lines for standard error once the tap can be attached to. */
  readonly banner: readonly string[];
  /** What to record beside publishing. */
  readonly recording?: Recording | undefined;
  /** The user that `confine` makes of us. */
  readonly owner?: number | undefined;
  /** Gives up what isn't needed any more; called once the tap is there and before packets come. Returns lines to print. */
  confine(): readonly string[];
  /** Called when packets begin to come; what it gives back is disposed of when they end. */
  attend?(tap: Tap): Disposable;
  /** Whether a count goes up on a terminal meanwhile. Default true. */
  readonly progress?: boolean;
  /** Whether packets were lost elsewhere than on the way to consumers; asked at the end. */
  hasLost?(): boolean;
  /** Lines of statistics at the end, the consumers' aside. */
  summarize(end: TapEnd, seconds: number): string[];
}

/** Opens a tap, runs its source to the end, prints its statistics. Sets the exit code. */
export async function runTap({
  source,
  name,
  flags,
  banner,
  recording,
  owner,
  confine,
  attend,
  progress = true,
  hasLost = () => false,
  summarize,
}: RunTap): Promise<void> {
  const say = flags.quiet ? () => {} : (line: string) => void process.stderr.write(`${line}\n`);
  const ledger = new ConsumerLedger();
  await using tap = Tap.open(
    { name, source, ...tapOptionsOf(flags), ...(owner !== undefined && { owner }), ...listenerOption() },
    {
      onRefuse: (why) => void process.stderr.write(`pkttap: ${why}\n`),
      onDetach: (consumer, error, last) => {
        if (error instanceof Error) process.stderr.write(`pkttap: consumer ${consumer}: ${error.message}\n`);
        if (last !== undefined) ledger.leave(last, tap.stats().state === 'ended');
      },
    },
  );
  onStatisticsSignal(() => `pkttap: ${statsLine(tap.stats())}`);
  stopSignal.addEventListener('abort', () => tap.stop(), { once: true });
  for (const line of banner) say(line);
  say(`tap ${name}: attach with \`pkttap attach ${name}\``);
  const recorder = recording && (await record(tap, recording));
  // The recorder is the last program that is started.
  for (const line of confine()) say(line);
  using _ready = sayReady(`tap ${name}: ${source.description}`);
  if (stopSignal.aborted || !(await waitForConsumers(tap, { count: flags.waitFor, recorder, say }))) return;

  const counter = new Progress(() => tap.stats().published, flags.quiet === true || !progress);
  const startedNs = process.hrtime.bigint();
  tap.start();
  const attendant = attend?.(tap);
  const end = await tap.ended;
  const seconds = Number(process.hrtime.bigint() - startedNs) / 1e9;
  counter.stop();
  attendant?.[Symbol.dispose]();
  const recorded = await recorder?.ended;
  await tap.drained(stopSignal);
  // A source that gave nothing because it failed has one thing to say.
  const gaveNothing = end.reason === 'failed' && end.stats.received === 0;
  const summary = gaveNothing ? [] : summarize(end, seconds);
  const consumers = ledger.close(end.stats.consumers, tap.stats().consumers);
  for (const line of [...summary, ...consumers.lines]) say(line);
  if (recorded?.failure !== undefined) process.exitCode = EXIT_ERROR;
  if (end.reason === 'failed') process.exitCode = end.error ? reportAndExitCode(end.error) : EXIT_ERROR;
  else if (flags.failOnDrop && (hasLost() || isLossy(end.stats, consumers))) process.exitCode ??= EXIT_LOST;
}

/** Undefined: stopped meanwhile. */
async function record(tap: Tap, recording: Recording): Promise<Recorder | undefined> {
  try {
    const recorder = await Recorder.start(tap.path, recording, stopSignal);
    void recorder.ended.then(({ failure }) => {
      if (tap.stats().state !== 'running') return;
      if (recording.endsTap && failure === undefined) return tap.stop();
      process.stderr.write(
        `pkttap: the recording to ${recording.target} has ended, ${failure ?? 'as far as it was to go'}; the capture goes on\n`,
      );
    });
    return recorder;
  } catch (error) {
    if (!isStop(error)) throw error;
    return undefined;
  }
}

interface Company {
  readonly count: number;
  readonly recorder: Recorder | undefined;
  readonly say: (line: string) => void;
}

/** False: stopped while waiting. */
async function waitForConsumers(tap: Tap, { count, recorder, say }: Company): Promise<boolean> {
  if (count > 0) say(`waiting for ${counted(count, 'consumer')}`);
  try {
    // The recorder is here already, and is none of those that were meant.
    const all = tap.waitForConsumers(count + (recorder === undefined ? 0 : 1), stopSignal);
    await (recorder === undefined ? all : Promise.race([all, recorder.lost]));
  } catch (error) {
    if (!isStop(error)) throw error;
  }
  return !stopSignal.aborted;
}

function listenerOption() {
  const listener = inheritedListener();
  return listener === undefined ? {} : { listener };
}

function tapOptionsOf(flags: TapFlags) {
  return {
    ...(flags.ringSize !== undefined && { ringBytes: flags.ringSize }),
    ...(flags.onSlow !== undefined && { defaultPolicy: policyOf(flags.onSlow) }),
    ...(flags.stallTimeout !== undefined && { stallTimeoutMs: flags.stallTimeout }),
    ...(flags.group !== undefined && { group: flags.group }),
    ...(flags.allowUser !== undefined && { allowUsers: flags.allowUser }),
    ...(flags.allowGroup !== undefined && { allowGroups: flags.allowGroup }),
  };
}

/** Any loss that the statistics at the end show; what can't be known is none. */
function isLossy({ kernelDropped = 0, interfaceDropped = 0 }: TapStats, { haveMissed }: ConsumersAtEnd): boolean {
  return kernelDropped > 0 || interfaceDropped > 0 || haveMissed;
}
