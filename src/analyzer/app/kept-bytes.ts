// The beginning of something that comes in pieces: as many bytes as its bound allows, for whoever looks at them later.

const NOTHING = new Uint8Array(0);

export class KeptBytes {
  readonly #maxBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes kept. */
  get length(): number {
    return this.#length;
  }

  /** There may have been more. */
  get isFull(): boolean {
    return this.#length >= this.#maxBytes;
  }

  /** Copies what there is room for; how many bytes that was. */
  add(piece: Uint8Array): number {
    const copy = piece.slice(0, this.#maxBytes - this.#length);
    if (copy.length === 0) return 0;
    this.#pieces.push(copy);
    this.#length += copy.length;
    return copy.length;
  }

  /** All in one. */
  get bytes(): Uint8Array {
    if (this.#pieces.length > 1) this.#pieces.splice(0, this.#pieces.length, Buffer.concat(this.#pieces));
    return this.#pieces[0] ?? NOTHING;
  }
}
