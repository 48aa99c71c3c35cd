// Reads big-endian fields from front to back, in place. A field beyond the end is a RangeError: parsers catch it where a whole
// message ends, so that what is malformed costs one exception and no check per field.

import { latin1 } from './text.js';

/** Made once: probes meet it for most of what they look at, and making one costs more than all the rest. */
const TOO_SHORT = new RangeError('the message ends before its field');

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  /** Of the bytes from `start` to before `end`. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    return this.#bytes[this.skip(1)]!;
  }

  u16(): number {
    const at = this.skip(2);
    return this.#bytes[at]! * 256 + this.#bytes[at + 1]!;
  }

  u24(): number {
    return this.u8() * 65_536 + this.u16();
  }

  u32(): number {
    return this.u16() * 65_536 + this.u16();
  }

  /** Passes over the next bytes; where they begin. */
  skip(count: number): number {
    const at = this.#at;
    if (count > this.#end - at) throw TOO_SHORT;
    this.#at = at + count;
    return at;
  }

  /** The next bytes, in place: a view, made at each call. */
  take(count: number): Uint8Array {
    const at = this.skip(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** The next bytes as text, a character per byte. */
  latin1(count: number): string {
    const at = this.skip(count);
    return latin1(this.#bytes, at, at + count);
  }

  /** A reader of the next bytes alone. */
  part(count: number): ByteReader {
    const at = this.skip(count);
    return new ByteReader(this.#bytes, at, at + count);
  }

  /** All bytes that are left, as numbers. */
  u8List(): number[] {
    const list: number[] = [];
    while (this.left > 0) list.push(this.u8());
    return list;
  }

  /** All 16-bit numbers that are left. */
  u16List(): number[] {
    const list: number[] = [];
    while (this.left >= 2) list.push(this.u16());
    return list;
  }
}

/** What `read` gives; undefined if the bytes end too early for it. */
export function readOrUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
