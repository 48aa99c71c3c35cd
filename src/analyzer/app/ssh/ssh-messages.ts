// The messages of one side of an SSH connection behind its first, passed over by their headers up to the one behind which the
// side encrypts (RFC 4253, sections 6 and 7.3). What is no message, or lost with its header, ends that for good.

import { ByteReader } from '../byte-reader.js';
import { StreamBytes } from '../stream-bytes.js';

/** Length, length of the padding, type. */
const HEADER_BYTES = 6;
/** A length doesn't count its own four bytes. */
const UNCOUNTED_BYTES = 4;
const NEWKEYS = 21;

export class SshMessages {
  /** The longest message that there may be. */
  readonly #maxBytes: number;
  readonly #header = new StreamBytes();
  /** Bytes of the message that goes on. */
  #left = 0;
  /** Its type. */
  #type = 0;
  #isLost = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** All that comes now is encrypted. */
  get haveEnded(): boolean {
    return this.#type === NEWKEYS && this.#left === 0;
  }

  data(piece: Uint8Array): void {
    for (let rest = piece; rest.length > 0 && !this.#isLost && !this.haveEnded; ) rest = this.#take(rest);
  }

  gap(length: number): void {
    if (length > this.#left) this.#isLost = true;
    else this.#left -= length;
  }

  /** What is left of the bytes. */
  #take(piece: Uint8Array): Uint8Array {
    if (this.#left > 0) {
      const passed = Math.min(this.#left, piece.length);
      this.#left -= passed;
      return piece.subarray(passed);
    }
    const bytes = this.#header.join(piece);
    if (bytes.length < HEADER_BYTES) {
      this.#header.keep(bytes);
      return bytes.subarray(bytes.length);
    }
    this.#begin(bytes);
    const rest = piece.subarray(HEADER_BYTES - (bytes.length - piece.length));
    this.#header.clear();
    return rest;
  }

  #begin(bytes: Uint8Array): void {
    const length = new ByteReader(bytes).u32();
    this.#isLost = length < 2 || length > this.#maxBytes;
    this.#left = length + UNCOUNTED_BYTES - HEADER_BYTES;
    this.#type = bytes[HEADER_BYTES - 1]!;
  }
}
