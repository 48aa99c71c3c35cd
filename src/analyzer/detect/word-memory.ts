// Bytes that patterns are looked for in, which are read as words of four, too: a word read at its place costs a fourth of
// one that is put together. Reused for whatever is looked at next.

/** Readers of words may look so far beyond what they were given. */
const SLACK_BYTES = 8;

/** Some bytes. Grows, and never shrinks. */
export class WordMemory {
  /** What is in it beyond what was put there is another's. */
  bytes: Uint8Array;
  /** The same, little-endian as all machines are that this runs on. */
  words: Int32Array;

  constructor(capacity: number) {
    const buffer = bufferFor(capacity);
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
  }

  /** Makes room for so many bytes; the first `kept` of those in it stay. */
  reserve(length: number, kept = 0): void {
    if (length + SLACK_BYTES <= this.bytes.length) return;
    const before = this.bytes;
    const buffer = bufferFor(2 * length);
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    if (kept > 0) this.bytes.set(before.subarray(0, kept));
  }

  /** Puts these bytes at its beginning. */
  load(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes);
  }
}

function bufferFor(capacity: number): ArrayBuffer {
  return new ArrayBuffer((capacity + SLACK_BYTES + 3) & ~3);
}
