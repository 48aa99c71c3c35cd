// The stretch of a stream that rules look at: bytes are gathered until there are CHUNK_BYTES of them, or until somebody has
// reason to look earlier.

/** Suricata's stream.reassembly.toserver-chunk-size, without its random part. */
export const CHUNK_BYTES = 2560;

const NOTHING = new Uint8Array(0);

/** One direction. */
export class StreamWindow {
  #bytes: Uint8Array = NOTHING;
  #length = 0;
  #taken = 0;

  /** Adds bytes. True: there are enough to look at. */
  add(bytes: Uint8Array): boolean {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this.#length >= CHUNK_BYTES;
  }

  /** Bytes that wait to be looked at. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of the stream before those that take() gives next. */
  get offset(): number {
    return this.#taken;
  }

  /** What has been gathered and not been looked at; it is gone from here, and its memory with it. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = NOTHING;
    this.#taken += this.#length;
    this.#length = 0;
    return taken;
  }

  #grow(more: number): void {
    const grown = new Uint8Array(this.#length + more);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
