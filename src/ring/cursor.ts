// A consumer's cursor: the one page that it shares writably with the tap, and with nobody else. How far it has read goes
// here once a batch; that it sleeps, before it waits.

import { RingError } from '../errors.js';
import { CURSOR_BYTES, CURSOR_MAGIC, CursorField, LAYOUT_VERSION } from './layout.js';

/** What a consumer tells of itself; packets. */
export interface CursorCounts {
  readonly delivered: number;
  readonly missed: number;
  readonly filtered: number;
}

/** The consumer's side of its cursor page. */
export class Cursor {
  readonly #longs: BigUint64Array;
  readonly #words: Int32Array;

  /** Throws RingError for a buffer that is no cursor. */
  constructor(buffer: ArrayBuffer) {
    const view = new DataView(buffer);
    const isCursor =
      buffer.byteLength === CURSOR_BYTES &&
      view.getBigUint64(CursorField.magic, true) === CURSOR_MAGIC &&
      view.getUint32(CursorField.version, true) === LAYOUT_VERSION;
    if (!isCursor) throw new RingError('ERR_TAP_RING', `not a cursor page: bytes=${buffer.byteLength}`);
    this.#longs = new BigUint64Array(buffer);
    this.#words = new Int32Array(buffer);
  }

  /**
   * Tells the tap that everything below `position` is done with: a lossless tap may overwrite it from now on. The counts
   * are for its statistics. Sequentially consistent, so that reads of the ring made before stay before.
   */
  advance(position: bigint, { delivered, missed, filtered }: CursorCounts): void {
    Atomics.store(this.#longs, CursorField.filtered >>> 3, BigInt(filtered));
    Atomics.store(this.#longs, CursorField.delivered >>> 3, BigInt(delivered));
    Atomics.store(this.#longs, CursorField.missed >>> 3, BigInt(missed));
    Atomics.store(this.#longs, CursorField.position >>> 3, position);
  }

  /** Asks to be rung at the next publication. Look at the tail once more after this: it may have moved just before. */
  sleep(): void {
    Atomics.store(this.#words, CursorField.sleeping >>> 2, 1);
  }

  /** Takes the request back. */
  wake(): void {
    Atomics.store(this.#words, CursorField.sleeping >>> 2, 0);
  }

  /** ORDERING: a full fence; earlier plain reads of the ring stay before later loads of its tailIntent. */
  fence(): void {
    Atomics.add(this.#words, FENCE_WORD, 0);
  }
}

/** A word of the page that means nothing: an atomic read-modify-write of it is the fence that JavaScript lacks. */
const FENCE_WORD = (CursorField.sleeping + 64) >>> 2;
