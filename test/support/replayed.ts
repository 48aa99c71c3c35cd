// A replay into a test's ring, started, and stopped whatever becomes of the test; and small files to replay.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SourceEnd } from '../../src/source/packet-source.js';
import { type ReplayOptions, ReplaySource } from '../../src/source/replay.js';
import { pcapHeader, pcapRecord } from './craft-savefile.js';
import type { TestRing } from './test-ring.js';

/** A replay that runs, and the promise of its end. `await using` stops it before the ring goes. */
export interface RunningReplay extends AsyncDisposable {
  readonly source: ReplaySource;
  readonly ended: Promise<SourceEnd>;
}

/** Starts a replay; `before` has the source before it starts. */
export function startReplay(
  ring: TestRing,
  paths: readonly string[],
  options: ReplayOptions,
  before: (source: ReplaySource) => void = () => {},
): RunningReplay {
  const source = new ReplaySource(paths, options);
  before(source);
  const ended = new Promise<SourceEnd>((resolve) => source.start(ring.handle, resolve));
  const abort = async () => {
    source.stop();
    await ended;
  };
  return { source, ended, [Symbol.asyncDispose]: abort };
}

/** A file with a packet at each of these times, in milliseconds since 1970; it goes when the test has finished. */
export function timedSavefile(...timesMs: readonly number[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'pkttap-timed-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const records = timesMs.map((timeMs, i) => {
    const seconds = Math.floor(timeMs / 1000);
    return pcapRecord({ seconds, fraction: (timeMs % 1000) * 1000, data: Uint8Array.of(i & 255) });
  });
  const path = join(directory, 'timed.pcap');
  writeFileSync(path, Buffer.concat([pcapHeader(), ...records]));
  return path;
}

/** So many times, a millisecond apart. */
export function everyMs(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
