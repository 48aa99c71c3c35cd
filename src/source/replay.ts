// Savefiles as a source: the native replay thread, given normalised options and a way to compile filters.

import { TapError } from '../errors.js';
import { core, type NativeReplay, type NativeReplayEnd, type RingHandle } from '../native/core.js';
import { compileFilter } from './filter.js';
import type { PacketSource, SourceEnd } from './packet-source.js';
import { PlayTime } from './play-time.js';
import { ReplayControl } from './replay-control.js';
import { type NativeTiming, normaliseTiming, type ReplayTiming } from './replay-timing.js';
import { sourceEndOf } from './savefile-error.js';
import { startThread } from './start-thread.js';

export type { Pace } from './replay-timing.js';

/** What of the savefiles is replayed, how often and how fast. */
export interface ReplayOptions extends ReplayTiming {
  /** Times to go through all files; 0: until stopped. Default 1. */
  readonly loops?: number;
  /** Stop after this many published packets; 0 (default): don't. */
  readonly limit?: number;
  /** Merge the files by their packets' times instead of replaying one after the other. Each keeps its own order. */
  readonly merge?: boolean;
  /** Wait for more at the end of the last file, until stopped. Not with `merge`, loops or standard input. */
  readonly follow?: boolean;
  /** libpcap filter expression, compiled for each link type that turns up. Needs the native pcap module. */
  readonly filter?: string;
}

/** What the replay did, beside what the ring counts. */
export interface ReplayResult {
  /** Packets read from the files, in all loops. */
  readonly packets: number;
  /** Times it went through all files to the end. */
  readonly loops: number;
  /** Files read to their end in which there was no packet. */
  readonly withoutPackets: readonly string[];
}

/** The thread keeps the duration by its plan. One that waits, for a consumer or a pipe, is ended this much later. */
const OVERTIME_MS = 100;

/** Largest packet a filter is compiled for. */
const SNAPLEN = 262_144;

/** Replays savefiles, one after the other. `-` is standard input. Lossless unless a consumer asks otherwise. */
export class ReplaySource implements PacketSource {
  readonly description: string;
  readonly defaultPolicy = 'lossless';
  readonly control: ReplayControl;
  /** Set before onEnd is called. */
  result: ReplayResult = { packets: 0, loops: 0, withoutPackets: [] };
  readonly #paths: readonly string[];
  readonly #timing: NativeTiming;
  readonly #loops: number;
  readonly #limit: number;
  readonly #filter: string;
  readonly #merge: boolean;
  readonly #follow: boolean;
  #native: NativeReplay | undefined;
  #filterError: TapError | undefined;

  /** Throws RangeError for options out of range. Files are opened by the thread, so their errors come with the end. */
  constructor(paths: readonly string[], options: ReplayOptions = {}) {
    const { loops = 1, limit = 0, filter = '', durationMs } = options;
    if (paths.length === 0) throw new RangeError('no savefile to replay');
    if (loops !== 1 && paths.includes('-')) throw new RangeError('standard input can be replayed only once: loops=1');
    const { merge = false, follow = false } = options;
    if (follow && (merge || loops !== 1 || paths.at(-1) === '-'))
      throw new RangeError('a file can be followed only as the last one, once, and not merged: no merge, loops or "-"');
    checkCount('loops', loops);
    checkCount('limit', limit);
    this.description = paths.length === 1 ? paths[0]! : `${paths[0]} and ${paths.length - 1} more`;
    this.#paths = paths;
    this.#timing = normaliseTiming(options);
    this.control = new ReplayControl(
      durationMs ? new PlayTime(durationMs + OVERTIME_MS, () => this.stop()) : undefined,
    );
    this.#loops = loops;
    this.#limit = limit;
    this.#filter = filter;
    this.#merge = merge;
    this.#follow = follow;
  }

  start(ring: RingHandle, onEnd: (end: SourceEnd) => void): void {
    const replay = new (core().Replay)({
      paths: this.#paths,
      loops: this.#loops,
      limit: this.#limit,
      ...this.#timing,
      filtered: this.#filter !== '',
      merge: this.#merge,
      follow: this.#follow,
    });
    this.#native = replay;
    this.control.attach(replay);
    const tellEnd = (end: SourceEnd) => {
      this.control.detach();
      onEnd(end);
    };
    const onNativeEnd = (end: NativeReplayEnd) => {
      this.result = { packets: end.packets, loops: end.loops, withoutPackets: end.withoutPackets };
      tellEnd(this.#filterError ? { reason: 'failed', error: this.#filterError } : sourceEndOf(end));
    };
    const start = () => replay.start(ring, onNativeEnd, (linktype) => this.#compileFor(linktype));
    startThread(start, `can't start to replay: path=${this.description}`, tellEnd);
  }

  stop(): void {
    this.#native?.stop();
  }

  /** The thread waits for this. A filter that doesn't compile ends the replay. */
  #compileFor(linktype: number): void {
    try {
      this.#native?.setFilter(linktype, compileFilter(this.#filter, { linktype, snaplen: SNAPLEN }));
    } catch (error) {
      this.#filterError = error instanceof TapError ? error : new TapError('ERR_TAP_BAD_FILTER', String(error));
      this.#native?.stop();
    }
  }
}

/** Throws RangeError for what is no count. */
export function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${name} must be a whole number from 0: ${value}`);
}
