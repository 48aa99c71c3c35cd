// Regular files and devices (/dev/null, /dev/full): written through the thread pool, so that a slow disk holds up the
// packets and nothing else. A write goes where the descriptor stands, so `>>` and shared descriptors work.

import { close, fstat, ftruncate, type Stats, write } from 'node:fs';
import { promisify } from 'node:util';
import type { Outlet, WriteResult } from './outlet.js';

const writeAsync = promisify(write);
const closeAsync = promisify(close);
const fstatAsync = promisify(fstat);
const truncateAsync = promisify(ftruncate);

export class FileOutlet implements Outlet {
  readonly #fd: number;
  readonly #owned: boolean;
  /** Where the file ends if only we write to it; undefined for a device. */
  #size: number | undefined;
  #bytes = 0;

  /** OWNER: the outlet, of `fd`, if `owned`; else the caller. */
  constructor(fd: number, stats: Stats, owned: boolean) {
    this.#fd = fd;
    this.#owned = owned;
    this.#size = stats.isFile() ? stats.size : undefined;
  }

  async write(bytes: Uint8Array): Promise<WriteResult> {
    let written = 0;
    try {
      while (written < bytes.length) written += await this.#writeSome(bytes, written);
      return { written };
    } catch (error) {
      return { written, error: error as NodeJS.ErrnoException };
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  async retract(bytes: number): Promise<void> {
    if (this.#size === undefined || bytes === 0) return;
    // A file that others write to as well has another size by now: cutting it would take what is theirs.
    if ((await fstatAsync(this.#fd)).size !== this.#size) return;
    this.#size -= bytes;
    this.#bytes -= bytes;
    await truncateAsync(this.#fd, this.#size);
  }

  async close(): Promise<void> {
    if (this.#owned) await closeAsync(this.#fd);
  }

  /** A full disk takes what still fits, and says so only at the next write. */
  async #writeSome(bytes: Uint8Array, from: number): Promise<number> {
    const { bytesWritten } = await writeAsync(this.#fd, bytes, from, bytes.length - from);
    this.#bytes += bytesWritten;
    if (this.#size !== undefined) this.#size += bytesWritten;
    return bytesWritten;
  }
}
