// A ring, or several, with readers of their own in the same process: what a source wrote can be read back without a tap.

import { closeSync, openSync } from 'node:fs';
import { core, type LaneAttachment, type RingCounters, type RingHandle } from '../../src/native/core.js';
import type { InterfaceInfo } from '../../src/packet/interface.js';
import type { PacketView } from '../../src/packet/packet-view.js';
import { Cursor } from '../../src/ring/cursor.js';
import { RingMemory } from '../../src/ring/ring-memory.js';
import { RingReader } from '../../src/ring/ring-reader.js';

export interface TestRing extends Disposable {
  readonly handle: RingHandle;
  /** Of the first lane. */
  readonly counters: RingCounters;
  /** Copies of all packets that can be read now and were not read before, lane after lane. */
  read(): PacketView[];
  /** The same, by lane. */
  readLanes(): PacketView[][];
  /** Of the first lane. */
  readonly interfaces: readonly InterfaceInfo[];
}

export interface TestRingOptions {
  /** Default 16 MiB. */
  readonly capacity?: number;
  /** Default 1. */
  readonly lanes?: number;
  /** Whether the writer waits for read(); then for two minutes, which no test takes. Default false. */
  readonly lossless?: boolean;
}

const STALL_TIMEOUT_MS = 120_000;

/** Whatever writes to the ring must have ended before the ring is disposed of. */
export function makeTestRing(options: TestRingOptions = {}): TestRing {
  const { capacity = 16 * 1024 * 1024, lanes = 1, lossless = false } = options;
  const native = core();
  const handle = native.createRing(capacity, STALL_TIMEOUT_MS, 0n, 0n, lanes);
  // Nobody listens where the doorbell rings.
  const nobody = openSync('/dev/null', 'w');
  const readers = native.ringAttach(handle, nobody, { oldest: false, lossless }).lanes.map(mapLane);
  closeSync(nobody);
  const readLanes = () => readers.map(({ reader }) => readAll(reader));
  return {
    handle,
    get counters() {
      return native.ringCounters(handle)[0]!;
    },
    get interfaces() {
      const { memory } = readers[0]!;
      memory.refreshInterfaces();
      return memory.interfaces.all;
    },
    read: () => readLanes().flat(),
    readLanes,
    [Symbol.dispose]() {
      for (const { unmap } of readers) unmap();
      native.releaseRing(handle);
    },
  };
}

function mapLane(lane: LaneAttachment) {
  const native = core();
  const ring = native.mapRing(lane.ringFd);
  const cursor = native.mapCursor(lane.cursorFd);
  for (const fd of [lane.ringFd, lane.cursorFd]) native.closeFd(fd);
  const memory = new RingMemory(ring.buffer);
  const reader = new RingReader(memory, new Cursor(cursor.buffer), lane);
  const unmap = () => {
    reader.close();
    ring.unmap();
    cursor.unmap();
  };
  return { memory, reader, unmap };
}

function readAll(reader: RingReader): PacketView[] {
  const packets: PacketView[] = [];
  for (let batch = reader.take(1_000_000); batch !== undefined; batch = reader.take(1_000_000)) {
    for (const packet of batch) packets.push(packet.copy());
  }
  reader.release();
  return packets;
}
