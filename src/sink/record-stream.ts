// Whole records on their way to an outlet: gathered in one buffer, written when asked to, and taken back to the last whole
// record when the outlet takes only a part. After the first failure nothing is written any more. Compressed records are
// held back until there are enough of them: a few packets at a time would hardly become smaller.

import type { Compressor } from './compress.js';
import { CompressingOutlet } from './compressing-outlet.js';
import type { Outlet } from './outlet.js';
import { RecordBuffer } from './record-buffer.js';
import { isReaderGone } from './write-error.js';

/** Why a stream takes no more: nobody reads it, or the system's error. */
export type StreamEnd = 'reader-gone' | NodeJS.ErrnoException;

/** Bytes of records that are worth compressing together. */
const WORTH_COMPRESSING_BYTES = 256 << 10;

export class RecordStream {
  readonly buffer = new RecordBuffer();
  /** OWNER: the stream, until close. Undefined: there was no reader from the beginning. */
  readonly #outlet: Outlet | undefined;
  readonly #compressed: boolean;
  #end: StreamEnd | undefined;
  #written = 0;
  #unwritten = 0;

  constructor(outlet: Outlet | undefined, compressor?: Compressor) {
    this.#outlet = outlet && compressor ? new CompressingOutlet(outlet, compressor) : outlet;
    this.#compressed = compressor !== undefined;
    if (outlet === undefined) this.#end = 'reader-gone';
  }

  /** Undefined as long as records can be written. */
  get end(): StreamEnd | undefined {
    return this.#end;
  }

  /** Records the outlet has taken whole. */
  get written(): number {
    return this.#written;
  }

  /** Records that were in the buffer when the outlet failed. */
  get unwritten(): number {
    return this.#unwritten;
  }

  /** Records in the buffer, which nobody but us has seen. */
  get held(): number {
    return this.buffer.records;
  }

  /** Bytes of the target, with what the buffer will add; of compressed records only what has arrived is known. */
  get bytes(): number {
    return (this.#outlet?.bytes ?? 0) + (this.#compressed ? 0 : this.buffer.used);
  }

  /** At the end of a batch: writes the buffer's records, or holds them back if they are better compressed with more. */
  async settle(): Promise<void> {
    if (!this.#compressed || this.buffer.used >= WORTH_COMPRESSING_BYTES) await this.flush();
  }

  /** Writes the buffer's records and empties it. */
  async flush(): Promise<void> {
    const { records, used } = this.buffer;
    const taken = used === 0 ? 0 : await this.#send(this.buffer.encoded);
    const whole = this.buffer.whole(taken);
    this.#written += whole.records;
    this.#unwritten += records - whole.records;
    this.buffer.clear();
    await this.#retract(taken - whole.bytes);
  }

  /** Writes bytes that are no record, all of them or none. The buffer must be empty: order is the caller's. */
  async put(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    const taken = await this.#send(bytes);
    if (taken < bytes.length) await this.#retract(taken);
  }

  async close(): Promise<void> {
    try {
      await this.#outlet?.close();
    } catch (error) {
      this.#end ??= endOf(error as NodeJS.ErrnoException);
    }
  }

  /** How many of the bytes the outlet took. */
  async #send(bytes: Uint8Array): Promise<number> {
    if (this.#end !== undefined || this.#outlet === undefined) return 0;
    const { written, error } = await this.#outlet.write(bytes);
    if (error !== undefined) this.#end = endOf(error);
    return written;
  }

  /** An outlet that can't be cut back either has nothing to add to the error there is. */
  async #retract(bytes: number): Promise<void> {
    if (bytes > 0) await this.#outlet?.retract(bytes).catch(() => {});
  }
}

function endOf(error: NodeJS.ErrnoException): StreamEnd {
  return isReaderGone(error) ? 'reader-gone' : error;
}
