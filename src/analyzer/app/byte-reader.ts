// Reads big-endian fields from front to back. A field beyond the end is a RangeError: parsers catch it where a whole
// message ends, so that what is malformed costs one exception and no check per field.

/** Made once: probes meet it for most of what they look at, and making one costs more than all the rest. */
const TOO_SHORT = new RangeError('the message ends before its field');

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.take(1)[0]!;
  }

  u16(): number {
    const [high, low] = this.take(2);
    return high! * 256 + low!;
  }

  u24(): number {
    return this.u8() * 65_536 + this.u16();
  }

  u32(): number {
    return this.u16() * 65_536 + this.u16();
  }

  /** The next bytes, in place. */
  take(count: number): Uint8Array {
    if (count > this.left) throw TOO_SHORT;
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** A reader of the next bytes alone. */
  part(count: number): ByteReader {
    return new ByteReader(this.take(count));
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
