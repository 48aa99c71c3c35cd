// The memory records are encoded into before they are written, and where each one ends. Used again after every write.

import { type Destination, destinationOf } from '../savefile/writer.js';

/** One write this large costs the kernel's copy and little else. */
const BYTES = 1 << 20;
/** No record of any format is shorter, so there is room for the end of each. */
const SHORTEST_RECORD_BYTES = 16;

export class RecordBuffer {
  #room: Destination = destinationOf(new Uint8Array(BYTES));
  readonly #ends = new Uint32Array(BYTES / SHORTEST_RECORD_BYTES);
  /** Bytes and records held. */
  #used = 0;
  #records = 0;

  get used(): number {
    return this.#used;
  }

  get records(): number {
    return this.#records;
  }

  /** Where the next record goes: from `used` on. */
  get destination(): Destination {
    return this.#room;
  }

  /** What was encoded since the last clear, in place: valid until then. */
  get encoded(): Uint8Array {
    return this.#room.bytes.subarray(0, this.#used);
  }

  fits(bytes: number): boolean {
    return this.#used + bytes <= this.#room.bytes.length && this.#records < this.#ends.length;
  }

  /** Makes an empty buffer large enough for one record beyond its usual size (a caplen no savefile should have). */
  growTo(bytes: number): void {
    if (bytes > this.#room.bytes.length) this.#room = destinationOf(new Uint8Array(bytes));
  }

  /** Keeps the record that was encoded from `used` up to `end`. */
  keep(end: number): void {
    this.#ends[this.#records++] = end;
    this.#used = end;
  }

  /** How many bytes and records are whole within the first `bytes`. */
  whole(bytes: number): { readonly bytes: number; readonly records: number } {
    let records = this.#records;
    while (records > 0 && this.#ends[records - 1]! > bytes) records--;
    return { bytes: records === 0 ? 0 : this.#ends[records - 1]!, records };
  }

  clear(): void {
    this.#used = 0;
    this.#records = 0;
  }
}
