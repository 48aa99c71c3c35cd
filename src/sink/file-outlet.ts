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
  readonly writeEnd?: (end: Uint8Array) => Promise<NodeJS.ErrnoException | undefined>;
  /** Where the file ends if only we write to it; undefined for a device. */
  #size: number | undefined;
  /** Bytes of the end that stands behind it, until it is overwritten. */
  #endBytes = 0;
  #bytes = 0;

  /** OWNER: the outlet, of `fd`, if `owned`; else the caller. */
  constructor(fd: number, stats: Stats, owned: boolean) {
    this.#fd = fd;
    this.#owned = owned;
    this.#size = stats.isFile() ? stats.size : undefined;
    if (owned && stats.isFile()) this.writeEnd = (end) => this.#writeEnd(end);
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
    if ((await fstatAsync(this.#fd)).size !== this.#size + this.#endBytes) return;
    this.#size -= bytes;
    this.#bytes -= bytes;
    this.#endBytes = 0;
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
    this.#endBytes = Math.max(0, this.#endBytes - bytesWritten);
    return bytesWritten;
  }

  /** With a position, a write doesn't move where the descriptor stands. */
  async #writeEnd(end: Uint8Array): Promise<NodeJS.ErrnoException | undefined> {
    try {
      while (this.#endBytes < end.length) {
        const left = end.length - this.#endBytes;
        const at = this.#size! + this.#endBytes;
        this.#endBytes += (await writeAsync(this.#fd, end, this.#endBytes, left, at)).bytesWritten;
      }
      return undefined;
    } catch (error) {
      return error as NodeJS.ErrnoException;
    }
  }
}
