// Compresses what goes to another outlet. Wherever a regular file is cut behind a write, it is a whole compressed file, and the
// savefile in it whole: each write becomes a gzip member of its own, or whole blocks of one Zstandard frame, whose end
// stands behind them until the next write takes its place.

import type { Compressor } from './compress.js';
import type { Outlet, WriteResult } from './outlet.js';

export class CompressingOutlet implements Outlet {
  readonly #inner: Outlet;
  readonly #compressor: Compressor;
  /** Whether the compressed data needs its end before the close. */
  #open = false;

  /** OWNER: the outlet, of `inner`. */
  constructor(inner: Outlet, compressor: Compressor) {
    this.#inner = inner;
    this.#compressor = compressor;
  }

  /** All or nothing: what doesn't fit with its end is taken back. */
  async write(bytes: Uint8Array): Promise<WriteResult> {
    const { written, error } = await this.#inner.write(await this.#compressor.compress(bytes));
    const failure = error ?? (await this.#inner.writeEnd?.(this.#compressor.end));
    if (failure === undefined) {
      this.#open = true;
      return { written: bytes.length };
    }
    // An outlet that can't be cut back has nothing to add to the error there is.
    await this.#inner.retract(written).catch(() => {});
    return { written: 0, error: failure };
  }

  get bytes(): number {
    return this.#inner.bytes;
  }

  /** No write was ever taken in part, so there is none to take back. */
  async retract(): Promise<void> {}

  /** The end once more: after a write that failed there is none, and elsewhere than in a file it is the first. */
  async close(): Promise<void> {
    const error = this.#open ? await this.#end() : undefined;
    await this.#inner.close();
    if (error !== undefined) throw error;
  }

  async #end(): Promise<NodeJS.ErrnoException | undefined> {
    const { end } = this.#compressor;
    if (end.length === 0) return undefined;
    return this.#inner.writeEnd ? await this.#inner.writeEnd(end) : (await this.#inner.write(end)).error;
  }
}
