// A ring with a reader of its own in the same process: what a source wrote can be read back without a tap.

import { closeSync, openSync } from 'node:fs';
import { core, type RingCounters, type RingHandle } from '../../src/native/core.js';
import type { InterfaceInfo } from '../../src/packet/interface.js';
import type { PacketView } from '../../src/packet/packet-view.js';
import { Cursor } from '../../src/ring/cursor.js';
import { RingMemory } from '../../src/ring/ring-memory.js';
import { RingReader } from '../../src/ring/ring-reader.js';

export interface TestRing extends Disposable {
  readonly handle: RingHandle;
  readonly counters: RingCounters;
  /** Copies of all packets that can be read now and were not read before. */
  read(): PacketView[];
  readonly interfaces: readonly InterfaceInfo[];
}

export interface TestRingOptions {
  /** Default 16 MiB. */
  readonly capacity?: number;
  /** Whether the writer waits for read(); then for two minutes, which no test takes. Default false. */
  readonly lossless?: boolean;
}

const STALL_TIMEOUT_MS = 120_000;

/** Whatever writes to the ring must have ended before the ring is disposed of. */
export function makeTestRing({ capacity = 16 * 1024 * 1024, lossless = false }: TestRingOptions = {}): TestRing {
  const native = core();
  const handle = native.createRing(capacity, STALL_TIMEOUT_MS, 0n, 0n);
  // Nobody listens where the doorbell rings.
  const nobody = openSync('/dev/null', 'w');
  const lane = native.ringAttach(handle, nobody, false, lossless).lanes[0]!;
  const ring = native.mapRing(lane.ringFd);
  const cursor = native.mapCursor(lane.cursorFd);
  for (const fd of [lane.ringFd, lane.cursorFd]) native.closeFd(fd);
  closeSync(nobody);
  const memory = new RingMemory(ring.buffer);
  const reader = new RingReader(memory, new Cursor(cursor.buffer), lane);
  return {
    handle,
    get counters() {
      return native.ringCounters(handle)[0]!;
    },
    get interfaces() {
      memory.refreshInterfaces();
      return memory.interfaces.all;
    },
    read() {
      const packets: PacketView[] = [];
      for (let batch = reader.take(1_000_000); batch !== undefined; batch = reader.take(1_000_000)) {
        for (const packet of batch) packets.push(packet.copy());
      }
      reader.release();
      return packets;
    },
    [Symbol.dispose]() {
      reader.close();
      ring.unmap();
      cursor.unmap();
      native.releaseRing(handle);
    },
  };
}
