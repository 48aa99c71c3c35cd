// The readers of a ring behind one face, for the conformance suite: TypeScript, the same in a worker thread, and C. Each reads the
// very memory that a feed writes; only plain memory gets to a worker as a shared copy, made anew before each of its turns.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Cursor } from '../../src/ring/cursor.js';
import { RingReader } from '../../src/ring/ring-reader.js';
import { compileProgram } from './c-compiler.js';
import { makeCursorBuffer, type RingFeed } from './ring-feed.js';

/** What every reader tells of a packet; a copy. */
export interface ReadPacket {
  readonly data: Uint8Array;
  readonly origlen: number;
  readonly tsNs: bigint;
  readonly sequence: bigint;
  readonly flags: number;
  readonly linktype: number;
  readonly interfaceIndex: number;
  readonly flowHash: number;
  /** Whether it was still whole when it had been copied. */
  readonly intact: boolean;
}

/** A reader that a test drives. */
export interface DrivenReader {
  /** At most `max` packets of those that are there now (default: all), let go of when they are copied. */
  read(max?: number): Promise<ReadPacket[]>;
  counters(): Promise<{ readonly delivered: number; readonly missed: number; readonly lag: number }>;
}

/** What the suite is run for. Each reads a feed from its first packet on, until the feed is closed. */
export const RING_READERS: readonly { reader: string; open(feed: RingFeed): Promise<DrivenReader> }[] = [
  { reader: 'TypeScript', open: openTypeScript },
  { reader: 'a worker thread', open: openWorker },
  { reader: 'C', open: openC },
];

const ALL = Number.MAX_SAFE_INTEGER;

async function openTypeScript(feed: RingFeed): Promise<DrivenReader> {
  const { firstPosition: position, firstSequence: sequence } = feed.memory;
  const reader = new RingReader(feed.memory, new Cursor(makeCursorBuffer()), { position, sequence });
  return {
    async read(max = ALL) {
      const packets: ReadPacket[] = [];
      while (packets.length < max) {
        const batch = reader.take(max - packets.length);
        if (batch === undefined) break;
        for (const packet of batch) {
          const { origlen, tsNs, sequence: number, flags, linktype, interfaceIndex, flowHash } = packet;
          const data = packet.data.slice();
          const intact = packet.isIntact();
          packets.push({ data, origlen, tsNs, sequence: number, flags, linktype, interfaceIndex, flowHash, intact });
        }
      }
      reader.release();
      return packets;
    },
    counters: async () => reader.counters(),
  };
}

// --- a worker thread ---

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let requests = 0;

/** One thread for all readers of a test file. It keeps the process only while it is asked. */
function startWorker(): Worker {
  const thread = new Worker(join(import.meta.dirname, '../programs/read-rings.js'));
  thread.on('message', ({ id, result }: { id: number; result: unknown }) => {
    waiting.get(id)!.resolve(result);
    waiting.delete(id);
    if (waiting.size === 0) thread.unref();
  });
  thread.on('error', (error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  return thread;
}

function ask<T>(request: Readonly<Record<string, unknown>>): Promise<T> {
  worker ??= startWorker();
  const id = ++requests;
  worker.ref();
  worker.postMessage({ id, ...request });
  return new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject })) as Promise<T>;
}

async function openWorker(feed: RingFeed): Promise<DrivenReader> {
  const reader = ++requests;
  const { firstPosition: position, firstSequence: sequence, bytes } = feed.memory;
  const shared = feed.fds === undefined ? new Uint8Array(new SharedArrayBuffer(bytes.length)) : undefined;
  const share = () => shared?.set(bytes);
  const cursor = new Uint8Array(new SharedArrayBuffer(4096));
  cursor.set(new Uint8Array(makeCursorBuffer()));
  share();
  const memory = shared === undefined ? feed.fds : { ring: shared.buffer, cursor: cursor.buffer };
  await ask({ action: 'open', reader, position, sequence, ...memory });
  feed.onClose(() => void ask({ action: 'close', reader }));
  return {
    read(max = ALL) {
      share();
      return ask({ action: 'read', reader, max });
    },
    counters() {
      share();
      return ask({ action: 'counters', reader });
    },
  };
}

// --- C ---

/** test/programs/c-reader.c. */
interface CReader {
  open(ring: ArrayBuffer, cursor: ArrayBuffer, position: bigint, sequence: bigint): object;
  next(reader: object, data: ArrayBuffer, fields: ArrayBuffer): number;
  release(reader: object): void;
  isIntact(reader: object, position: bigint): boolean;
  counters(reader: object, fields: ArrayBuffer): void;
}

let module_: Promise<CReader> | undefined;

async function openC(feed: RingFeed): Promise<DrivenReader> {
  module_ ??= loadC();
  const c = await module_;
  const { firstPosition, firstSequence, bytes } = feed.memory;
  const memory = { ring: bytes.buffer as ArrayBuffer, cursor: makeCursorBuffer() };
  const reader = c.open(memory.ring, memory.cursor, firstPosition, firstSequence);
  const data = new ArrayBuffer(262_144);
  const fields = new BigUint64Array(9);
  const copy = (): ReadPacket => {
    const [caplen, origlen, tsNs, sequence, flags, interfaceIndex, flowHash, linktype, position] = fields;
    return {
      data: new Uint8Array(data.slice(0, Number(caplen))),
      origlen: Number(origlen),
      tsNs: tsNs!,
      sequence: sequence!,
      flags: Number(flags),
      linktype: Number(linktype),
      interfaceIndex: Number(interfaceIndex),
      flowHash: Number(flowHash),
      intact: c.isIntact(reader, position!),
    };
  };
  return {
    async read(max = ALL) {
      const packets: ReadPacket[] = [];
      let got = 1;
      while (packets.length < max && got > 0) {
        got = c.next(reader, data, fields.buffer);
        if (got > 0) packets.push(copy());
      }
      if (got < 0) throw new Error('the reader in C takes the ring for broken');
      c.release(reader);
      return packets;
    },
    async counters() {
      c.counters(reader, fields.buffer);
      // The reader points into them: they are not to be collected before it.
      if (memory.ring.byteLength === 0) throw new Error('the ring has gone');
      const [delivered, missed, lag] = Array.from(fields, Number);
      return { delivered: delivered!, missed: missed!, lag: lag! };
    },
  };
}

/** Compiled once for a test file, by the headers of the Node that runs. */
async function loadC(): Promise<CReader> {
  const folder = mkdtempSync(join(tmpdir(), 'pkttap-c-reader-'));
  try {
    const flags = ['-O2', '-shared', '-fPIC', '-isystem', nodeHeaders()];
    const path = await compileProgram('c-reader.c', folder, flags);
    return createRequire(import.meta.url)(path) as CReader;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Those that the native modules were built with: node-gyp says where they are. */
function nodeHeaders(): string {
  const config = readFileSync(join(import.meta.dirname, '../../native/build/config.gypi'), 'utf8');
  return join(/"nodedir": "(.*)"/.exec(config)![1]!, 'include/node');
}
