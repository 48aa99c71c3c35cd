// Packets of a source without a native thread, packed as the ring has them, for ringAppend. One buffer, reused.

import { INTERFACE_BITS, RECORD_HEADER_BYTES, RecordField, recordBytes } from '../packet/record.js';

const FIRST_BYTES = 256 * 1024;

/** What a packet is, beside its bytes. */
export interface RecordFields {
  readonly origlen: number;
  readonly tsNs: bigint;
  /** As ringAddInterface returned it. */
  readonly interfaceIndex: number;
  /** RecordFlag; `truncated` is filled in by the ring. */
  readonly flags: number;
}

/** Collects packets; `records` is what ringAppend takes. Grows to the largest batch and no further. */
export class RecordBatch {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

  /** Bytes of all records. */
  get bytes(): number {
    return this.#used;
  }

  /** Valid until the next add() or clear(). */
  get records(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  add(data: Uint8Array, { origlen, tsNs, interfaceIndex, flags }: RecordFields): void {
    const at = this.#used;
    const end = at + recordBytes(data.length);
    if (end > this.#bytes.length) this.#grow(end);
    this.#view.setUint32(at + RecordField.caplen, data.length, true);
    this.#view.setUint32(at + RecordField.origlen, origlen, true);
    this.#view.setBigUint64(at + RecordField.tsNs, tsNs, true);
    this.#view.setUint32(at + RecordField.interfaceAndFlags, interfaceIndex | (flags << INTERFACE_BITS), true);
    this.#bytes.set(data, at + RECORD_HEADER_BYTES);
    this.#used = end;
  }

  clear(): void {
    this.#used = 0;
  }

  /** Leaves whole records out at the beginning: so many bytes. */
  remove(bytes: number): void {
    if (bytes < this.#used) this.#bytes.copyWithin(0, bytes, this.#used);
    this.#used -= bytes;
  }

  #grow(bytes: number): void {
    const larger = new Uint8Array(Math.max(bytes, this.#bytes.length * 2));
    larger.set(this.records);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
