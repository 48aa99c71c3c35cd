// What the native savefile reader makes of a file: the packets in the ring, and how it ended.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TapError } from '../../src/errors.js';
import type { PacketView } from '../../src/packet/packet-view.js';
import type { SourceEnd } from '../../src/source/packet-source.js';
import { type ReplayOptions, ReplaySource } from '../../src/source/replay.js';
import { makeTestRing, type TestRing } from './test-ring.js';

export interface Replayed {
  readonly packets: readonly PacketView[];
  readonly end: SourceEnd;
}

/** One ring for many small files: each may hold as much as the ring does. Dispose of it. */
export class SavefileBench implements Disposable {
  readonly ring: TestRing;
  readonly #directory = mkdtempSync(join(tmpdir(), 'pkttap-savefile-'));
  readonly #path = join(this.#directory, 'file');

  constructor(capacity = 1 << 20) {
    this.ring = makeTestRing({ capacity });
  }

  /** A file with these bytes. */
  replayBytes(...parts: readonly Uint8Array[]): Promise<Replayed> {
    writeFileSync(this.#path, Buffer.concat(parts));
    return this.replayFile(this.#path);
  }

  /** A file as it lies there. */
  async replayFile(path: string, options: ReplayOptions = {}): Promise<Replayed> {
    const source = new ReplaySource([path], { pace: { kind: 'topspeed' }, ...options });
    const end = await new Promise<SourceEnd>((resolve) => source.start(this.ring.handle, resolve));
    return { packets: this.ring.read(), end };
  }

  [Symbol.dispose](): void {
    this.ring[Symbol.dispose]();
    rmSync(this.#directory, { recursive: true });
  }
}

/** The error's code and place, or how else it ended. */
export function outcomeOf({ end }: Replayed): string {
  if (end.error === undefined) return end.reason;
  if (!(end.error instanceof TapError)) throw end.error;
  return `${end.error.code} at ${end.error.byteOffset}`;
}
