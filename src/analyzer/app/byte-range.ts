// Bytes from one place to another in memory that is used again and again. A view of them would be an object of its own for
// each datagram, and making one costs as much as reading a DNS header.

const NOTHING = new Uint8Array(0);

/** Moved from payload to payload: valid during the call that it is handed to. */
export class ByteRange {
  bytes: Uint8Array = NOTHING;
  /** Index of the first byte. */
  start = 0;
  /** Index behind the last byte. What lies there is another's: whoever reads checks. */
  end = 0;

  /** Looks at other bytes. */
  moveTo(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    return this;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** The same bytes as a view, made at each call. */
  view(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }
}
