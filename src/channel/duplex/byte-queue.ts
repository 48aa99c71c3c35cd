// A queue of records of any length: one direction of an Interface. A record is its length, a u32, and its bytes, padded to 8;
// none is split at the end of the region: a length of 2^32-1 says that the rest of it is skipped.

import { RingError } from '../../errors.js';
import { Indices, QUEUE_HEADER_BYTES } from './indices.js';

const LENGTH_BYTES = 4;
const SKIP = 0xffff_ffff;

/** Bytes of a queue of this capacity, its header included. */
export function queueBytes(capacity: number): number {
  return QUEUE_HEADER_BYTES + capacity;
}

/** One direction: the writer uses tryPush, the reader tryPop. */
export class ByteQueue {
  readonly indices: Indices;
  /** The longest record: half of the capacity, so that there is always room for it in an empty queue. */
  readonly maxBytes: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /** `capacity`: bytes, a multiple of 8. */
  constructor(buffer: ArrayBuffer, offset: number, capacity: number, isNew: boolean) {
    const shape = { slotBytes: 0, capacity };
    this.indices = isNew ? Indices.create(buffer, offset, shape) : Indices.open(buffer, offset, shape);
    this.maxBytes = capacity / 2 - LENGTH_BYTES;
    this.#bytes = new Uint8Array(buffer, offset + QUEUE_HEADER_BYTES, capacity);
    this.#view = new DataView(buffer, offset + QUEUE_HEADER_BYTES, capacity);
  }

  /** False: no room now. */
  tryPush(record: Uint8Array): boolean {
    const { capacity, used, writeSlot } = this.indices;
    const bytes = paddedBytes(record.length);
    const toEnd = capacity - writeSlot;
    const skipped = bytes > toEnd ? toEnd : 0;
    if (used + skipped + bytes > capacity) return false;
    if (skipped > 0) this.#view.setUint32(writeSlot, SKIP, true);
    const at = skipped > 0 ? 0 : writeSlot;
    this.#view.setUint32(at, record.length, true);
    this.#bytes.set(record, at + LENGTH_BYTES);
    this.indices.published(skipped + bytes);
    return true;
  }

  /** A copy of the oldest record; undefined: there is none. Throws ERR_TAP_RING for a length that can't be. */
  tryPop(): Uint8Array | undefined {
    const { capacity, used } = this.indices;
    if (used === 0) return undefined;
    let at = this.indices.readSlot;
    let skipped = 0;
    // Read once: the writer could change it after it was checked.
    let length = this.#lengthAt(at);
    if (length === SKIP) {
      skipped = capacity - at;
      at = 0;
      length = this.#lengthAt(at);
    }
    const bytes = paddedBytes(length);
    if (length > this.maxBytes || skipped + bytes > used) this.#refuse(length);
    const record = this.#bytes.slice(at + LENGTH_BYTES, at + LENGTH_BYTES + length);
    this.indices.consumed(skipped + bytes);
    return record;
  }

  #lengthAt(at: number): number {
    if (at % 8 !== 0) this.#refuse(at);
    return this.#view.getUint32(at, true);
  }

  #refuse(value: number): never {
    throw new RingError('ERR_TAP_RING', `not a queue that can be used: a record of ${value} bytes`);
  }
}

function paddedBytes(length: number): number {
  return (LENGTH_BYTES + length + 7) & ~7;
}
