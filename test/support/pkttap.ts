// The command line as its users meet it: real processes, in a folder of taps of their own, none of which outlives its test.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { tapStats } from '../../src/consumer/observe.js';
import type { TapStats } from '../../src/control/messages.js';
import type { RunResult } from './run.js';
import { until } from './until.js';

export const PKTTAP = join(import.meta.dirname, '../../bin/pkttap.js');

/** The project's own capture, in both formats: the same packets, real programs talking. */
export const DEMO_PCAP = join(import.meta.dirname, '../../fixtures/demo.pcap');
export const DEMO_PCAPNG = join(import.meta.dirname, '../../fixtures/demo.pcapng');
export const DEMO_PACKETS = 268;

/** A process that runs. */
export interface Running {
  readonly pid: number;
  readonly stdin: Writable;
  /** Standard output so far. */
  readonly stdout: string;
  /** Standard error so far. */
  readonly stderr: string;
  readonly ended: Promise<RunResult>;
  signal(name: NodeJS.Signals): void;
  /** Resolves when standard error has the words; rejects if the process ends without them. */
  said(words: string | RegExp): Promise<void>;
  /** The same of standard output. */
  printed(words: string | RegExp): Promise<void>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Left open unless it is given. */
  readonly input?: Uint8Array;
}

/** A folder of files and, under `taps`, of taps. */
export interface TapFolder {
  readonly path: string;
  /** $PKTTAP_DIR of all its processes. */
  readonly taps: string;
  file(name: string): string;
  /** pkttap with these arguments. */
  start(args: readonly string[], options?: StartOptions): Running;
  /** The same, to its end, with nothing on standard input. */
  run(args: readonly string[], options?: StartOptions): Promise<RunResult>;
  /** A bash script that may call `pkttap`; a pipeline's status is that of its last command that failed. */
  shell(script: string): Promise<RunResult>;
  /** Any program. */
  spawn(command: string, args: readonly string[], options?: StartOptions): Running;
  /** Waits until a tap is there and its statistics are as wanted. */
  untilStats(tap: string, wanted: (stats: TapStats) => boolean): Promise<TapStats>;
}

/** For the test that calls this: its processes are killed and its files removed when it has finished. */
export function makeTapFolder(): TapFolder {
  const path = mkdtempSync(join(tmpdir(), 'pkttap-cli-'));
  // Other users must be able to pass through, where a test is about what they may do.
  chmodSync(path, 0o755);
  const taps = join(path, 'taps');
  mkdirSync(join(path, 'bin'));
  symlinkSync(PKTTAP, join(path, 'bin', 'pkttap'));
  const running: { child: ChildProcess; ended: Promise<unknown> }[] = [];
  onTestFinished(async () => {
    for (const { child } of running) killGroup(child);
    await Promise.all(running.map(({ ended }) => ended));
    rmSync(path, { recursive: true, force: true });
  });

  const start = (command: string, args: readonly string[], options: StartOptions = {}): Running => {
    const env = {
      ...process.env,
      PATH: `${path}/bin:${process.env.PATH}`,
      TZ: 'UTC',
      PKTTAP_DIR: taps,
      ...options.env,
    };
    const child = spawn(command, args, { cwd: path, env, detached: true });
    if (options.input !== undefined) child.stdin.end(options.input);
    const process_ = watch(child);
    running.push({ child, ended: process_.ended });
    return process_;
  };
  const nothing = new Uint8Array();
  return {
    path,
    taps,
    file: (name) => join(path, name),
    start: (args, options) => start('pkttap', args, options),
    run: (args, options) => start('pkttap', args, { input: nothing, ...options }).ended,
    shell: (script) => start('bash', ['-o', 'pipefail', '-c', script], { input: nothing }).ended,
    spawn: start,
    untilStats: (tap, wanted) => untilStats(tap, taps, wanted),
  };
}

function watch(child: ReturnType<typeof spawnPiped>): Running {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A program may stop reading before the input ends; its status says what that means.
  child.stdin.on('error', () => {});
  const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString();
  let hasEnded = false;
  const ended = once(child, 'close').then(([status]) => {
    hasEnded = true;
    return { status: status as number | null, stdout: Buffer.concat(stdout), stderr: text(stderr) };
  });
  const has = async (chunks: readonly Buffer[], words: string | RegExp) => {
    const isThere = () => (typeof words === 'string' ? text(chunks).includes(words) : words.test(text(chunks)));
    await until(() => hasEnded || isThere());
    if (!isThere()) throw new Error(`the process ended without saying ${words}: ${text(stdout)}${text(stderr)}`);
  };
  return {
    pid: child.pid!,
    stdin: child.stdin,
    get stdout() {
      return text(stdout);
    },
    get stderr() {
      return text(stderr);
    },
    ended,
    signal: (name) => void child.kill(name),
    said: (words) => has(stderr, words),
    printed: (words) => has(stdout, words),
  };
}

/** Spells out the type of a child whose three streams are pipes. */
function spawnPiped(command: string) {
  return spawn(command);
}

/** Each process leads a group of its own, so that a pipeline goes as a whole. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

async function untilStats(tap: string, directory: string, wanted: (stats: TapStats) => boolean): Promise<TapStats> {
  for (;;) {
    const stats = await tapStats(tap, { directory, wait: true, timeoutMs: 120_000 });
    if (wanted(stats)) return stats;
    await delay(5);
  }
}
