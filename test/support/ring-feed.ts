// The two writers of a ring behind one face, for the conformance suite: the native one, fed by replaying savefiles that
// are made here, and the one in TypeScript.

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { core, type RingHandle } from '../../src/native/core.js';
import type { InterfaceInfo } from '../../src/packet/interface.js';
import { makePacket } from '../../src/packet/packet-view.js';
import { Cursor } from '../../src/ring/cursor.js';
import { CURSOR_BYTES, CURSOR_MAGIC, CursorField, LAYOUT_VERSION } from '../../src/ring/layout.js';
import type { RingShape } from '../../src/ring/ring-buffer.js';
import { RingMemory } from '../../src/ring/ring-memory.js';
import { type ReaderChoices, RingReader } from '../../src/ring/ring-reader.js';
import { RingWriter } from '../../src/ring/ring-writer.js';
import { createWriter } from '../../src/savefile/create-writer.js';
import { ReplaySource } from '../../src/source/replay.js';
import { encodeSavefile } from './encode-savefile.js';
import { makeInterface } from './packets.js';

export interface FedPacket {
  readonly data: Uint8Array;
  readonly origlen?: number;
  readonly tsNs?: bigint;
  readonly comments?: readonly string[];
}

/** A ring, its one writer and readers of it. */
export interface RingFeed {
  readonly memory: RingMemory;
  /** The page of the readers' cursor. */
  readonly cursorBuffer: ArrayBuffer;
  /** A reader from the first packet on. All readers of a feed share one cursor page, so only one counts. */
  reader(choices?: ReaderChoices): RingReader;
  /** Adds an interface of this linktype and writes packets from it; all are published when this resolves. */
  write(packets: readonly FedPacket[], linktype?: number): Promise<void>;
  /** Of ring and cursor, for readers elsewhere; left out of a ring in plain memory. Open until the feed is closed. */
  readonly fds?: { readonly ringFd: number; readonly cursorFd: number };
  /** Runs when the feed is closed. */
  onClose(action: () => void): void;
  /** Safe to call twice. */
  close(): void;
}

/** What the suite is run for. */
export const RING_FEEDS: readonly { writer: string; open(shape: RingShape): RingFeed }[] = [
  { writer: 'native', open: openNative },
  { writer: 'TypeScript', open: openPlain },
];

/** A cursor page in plain memory. */
export function makeCursorBuffer(): ArrayBuffer {
  const buffer = new ArrayBuffer(CURSOR_BYTES);
  const view = new DataView(buffer);
  view.setBigUint64(CursorField.magic, CURSOR_MAGIC, true);
  view.setUint32(CursorField.version, LAYOUT_VERSION, true);
  return buffer;
}

function openPlain(shape: RingShape): RingFeed {
  const writer = new RingWriter(shape);
  const memory = new RingMemory(writer.buffer);
  const cursorBuffer = makeCursorBuffer();
  return {
    ...closing(() => {}),
    memory,
    cursorBuffer,
    reader: (choices) => readerOf(memory, cursorBuffer, choices),
    async write(packets, linktype = 1) {
      const interfaceIndex = writer.addInterface({ linktype, snaplen: 0, section: 0, timestampSource: 'savefile' });
      for (const packet of packets) writer.write({ ...packet, interfaceIndex });
      writer.publish();
    },
  };
}

function openNative({ capacity, firstPosition = 0n, firstSequence = 0n }: RingShape): RingFeed {
  const native = core();
  const handle = native.createRing(capacity, 60_000, firstPosition, firstSequence);
  // Nobody listens where the doorbell rings.
  const nobody = openSync('/dev/null', 'w');
  const { ringFd, cursorFd } = native.ringAttach(handle, nobody, { oldest: false, lossless: false }).lanes[0]!;
  const ring = native.mapRing(ringFd);
  const cursor = native.mapCursor(cursorFd);
  closeSync(nobody);
  const memory = new RingMemory(ring.buffer);
  const close = () => {
    for (const fd of [ringFd, cursorFd]) closeSync(fd);
    ring.unmap();
    cursor.unmap();
    native.releaseRing(handle);
  };
  return {
    ...closing(close),
    fds: { ringFd, cursorFd },
    memory,
    cursorBuffer: cursor.buffer,
    reader: (choices) => readerOf(memory, cursor.buffer, choices),
    write: (packets, linktype = 1) => replay(handle, packets, makeInterface({ linktype, snaplen: 0 })),
  };
}

/** What is done when the feed is closed, once. */
function closing(last: () => void): Pick<RingFeed, 'onClose' | 'close'> {
  const actions = [last];
  return {
    onClose: (action) => void actions.unshift(action),
    close() {
      for (const action of actions.splice(0)) action();
    },
  };
}

function readerOf(memory: RingMemory, cursorBuffer: ArrayBuffer, choices?: ReaderChoices): RingReader {
  const { firstPosition: position, firstSequence: sequence } = memory;
  return new RingReader(memory, new Cursor(cursorBuffer), { position, sequence }, choices);
}

function replay(handle: RingHandle, packets: readonly FedPacket[], from: InterfaceInfo): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'pkttap-feed-'));
  const path = join(directory, 'feed.pcapng');
  const views = packets.map((packet) => makePacket({ ...packet, interface: from }));
  writeFileSync(path, encodeSavefile(createWriter({ format: 'pcapng', interfaces: [from] }), views));
  return new Promise((resolve, reject) => {
    new ReplaySource([path], { pace: { kind: 'topspeed' } }).start(handle, ({ reason, error }) => {
      rmSync(directory, { recursive: true });
      if (reason === 'finished') resolve();
      else reject(error ?? new Error(`replay ${reason}`));
    });
  });
}
