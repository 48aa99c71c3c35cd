// Classic savefiles through the package pcap-parser, on the event loop: a second opinion on our own reader, which is faster,
// reads more and keeps time. The package believes what it reads, so it stands behind a guard.

import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { GlobalHeader, Parser } from 'pcap-parser';
import { SavefileError, TapError } from '../errors.js';
import { core, type NativeInterface, type RingHandle } from '../native/core.js';
import { RecordFlag } from '../packet/record.js';
import { ClassicFile } from './classic-guard.js';
import type { PacketSource, SourceEnd } from './packet-source.js';
import { RecordBatch } from './record-batch.js';
import { checkCount, type ReplayResult } from './replay.js';

/** What of the savefiles is replayed: at top speed, as this reader has no clock. */
export interface PcapParserOptions {
  /** Times to go through all files; 0: until stopped. Default 1. */
  readonly loops?: number;
  /** Stop after this many packets; 0 (default): don't. */
  readonly limit?: number;
}

/** How long to leave a lossless consumer that is behind, before trying again. */
const BEHIND_MS = 1;

const LINKTYPE_MASK = 0x03ff_ffff;
const FCS_KNOWN = 0x0400_0000;
const FROM_SAVEFILE = 3;
const SECOND_NS = 1_000_000_000n;

/** Replays classic pcap files, plain or gzip, one after the other. `-` is standard input. */
export class PcapParserSource implements PacketSource {
  readonly description: string;
  readonly defaultPolicy = 'lossless';
  /** Set before onEnd is called. */
  result: ReplayResult = { packets: 0, loops: 0, withoutPackets: [] };
  readonly #paths: readonly string[];
  readonly #loops: number;
  readonly #limit: number;
  readonly #stopping = new AbortController();
  readonly #batch = new RecordBatch();
  readonly #withoutPackets: string[] = [];
  /** By place in the list of files: a second loop uses them again. */
  readonly #interfaces: number[] = [];
  #packets = 0;

  /** Throws RangeError for options out of range. */
  constructor(paths: readonly string[], { loops = 1, limit = 0 }: PcapParserOptions = {}) {
    if (paths.length === 0) throw new RangeError('no savefile to replay');
    if (loops !== 1 && paths.includes('-')) throw new RangeError('standard input can be replayed only once: loops=1');
    checkCount('loops', loops);
    checkCount('limit', limit);
    this.description = paths.length === 1 ? paths[0]! : `${paths[0]} and ${paths.length - 1} more`;
    this.#paths = paths;
    this.#loops = loops;
    this.#limit = limit;
  }

  start(ring: RingHandle, onEnd: (end: SourceEnd) => void): void {
    void this.#run(ring).then(onEnd);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(ring: RingHandle): Promise<SourceEnd> {
    let loops = 0;
    const settle = (end: SourceEnd): SourceEnd => {
      this.result = { packets: this.#packets, loops, withoutPackets: this.#withoutPackets };
      return end;
    };
    try {
      for (; this.#loops === 0 || loops < this.#loops; loops++) {
        const before = this.#packets;
        for (const index of this.#paths.keys()) {
          await this.#replay(ring, index, loops === 0);
          if (this.#reachedLimit) return settle({ reason: 'stopped' });
        }
        if (this.#packets === before) return settle({ reason: 'finished' });
      }
      return settle({ reason: 'finished' });
    } catch (error) {
      if (this.#stopping.signal.aborted) return settle({ reason: 'stopped' });
      return settle({ reason: 'failed', error: error instanceof TapError ? error : this.#unforeseen(error) });
    }
  }

  async #replay(ring: RingHandle, index: number, isFirst: boolean): Promise<void> {
    const before = this.#packets;
    const path = this.#paths[index]!;
    // Loaded when it is asked for: nothing else needs it.
    const { parse } = await import('pcap-parser');
    const file = await ClassicFile.open(path, this.#stopping.signal);
    const feed = new Feed();
    this.#listen(parse(feed), ring, index, BigInt(file.unitNs));
    for await (const chunk of file.chunks()) {
      feed.emit('data', chunk);
      await this.#flush(ring);
      if (this.#reachedLimit) return;
    }
    if (isFirst && this.#packets === before) this.#withoutPackets.push(path);
  }

  /** The parser calls back while it is fed, so what is thrown here comes out of feeding it. */
  #listen(parser: Parser, ring: RingHandle, index: number, unitNs: bigint): void {
    const path = this.#paths[index]!;
    parser.on('error', (cause) => {
      throw new SavefileError('ERR_TAP_DAMAGED_SAVEFILE', `${path}: pcap-parser: ${cause.message}`, { path, cause });
    });
    parser.on('globalHeader', (header) => {
      this.#interfaces[index] ??= core().ringAddInterface(ring, interfaceOf(header, index));
    });
    parser.on('packet', ({ header, data }) => {
      if (this.#reachedLimit) return;
      this.#packets++;
      const fraction = BigInt(header.timestampMicroseconds) * unitNs;
      const isOdd = fraction >= SECOND_NS || header.capturedLength > header.originalLength;
      this.#batch.add(data, {
        origlen: header.originalLength,
        tsNs: BigInt(header.timestampSeconds) * SECOND_NS + fraction,
        interfaceIndex: this.#interfaces[index]!,
        flags: isOdd ? RecordFlag.odd : 0,
      });
    });
  }

  /** Into the ring with all that was parsed, as lossless consumers let it. */
  async #flush(ring: RingHandle): Promise<void> {
    let rest = this.#batch.records;
    while (rest.length > 0) {
      this.#stopping.signal.throwIfAborted();
      rest = rest.subarray(core().ringAppend(ring, rest));
      if (rest.length > 0) await delay(BEHIND_MS, undefined, { signal: this.#stopping.signal });
    }
    this.#batch.clear();
  }

  get #reachedLimit(): boolean {
    return this.#limit !== 0 && this.#packets >= this.#limit;
  }

  #unforeseen(cause: unknown): TapError {
    return new TapError('ERR_TAP_SYSTEM', `${this.description}: ${String(cause)}`, { cause });
  }
}

function interfaceOf({ snapshotLength, linkLayerType }: GlobalHeader, section: number): NativeInterface {
  return {
    linktype: linkLayerType & LINKTYPE_MASK,
    snaplen: snapshotLength,
    section,
    timestampSource: FROM_SAVEFILE,
    ...((linkLayerType & FCS_KNOWN) !== 0 && { fcslen: (linkLayerType >>> 28) * 2 }),
  };
}

/** As much of a readable stream as the parser asks of its input: chunks come when they are emitted. */
class Feed extends EventEmitter {
  pause(): void {}
  resume(): void {}
}
