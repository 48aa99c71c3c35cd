// The bytes of one direction of a stream that a parser can't use yet. What a piece brings is looked at in place; only
// what is left over is copied, into room that grows by doubling, so that a stream that comes byte by byte costs no more
// than one that comes whole. How much is left over is bounded by the parser.

const NOTHING = new Uint8Array(0);
const LEAST_ROOM = 256;

export class StreamBytes {
  #room = NOTHING;
  #length = 0;

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /** What waited, with the piece behind it. Valid until the next keep(), and as long as the piece is. */
  join(piece: Uint8Array): Uint8Array {
    if (this.#length === 0) return piece;
    this.#makeRoom(this.#length + piece.length);
    this.#room.set(piece, this.#length);
    this.#length += piece.length;
    return this.#room.subarray(0, this.#length);
  }

  /** Keeps what is left of the last join()'s result: its end. Nothing, if nothing is. */
  keep(rest: Uint8Array): void {
    if (rest.length === 0) {
      this.#room = NOTHING;
    } else if (rest.buffer === this.#room.buffer) {
      if (rest.byteOffset > this.#room.byteOffset)
        this.#room.copyWithin(0, rest.byteOffset - this.#room.byteOffset, this.#length);
    } else {
      this.#length = 0;
      this.#makeRoom(rest.length);
      this.#room.set(rest);
    }
    this.#length = rest.length;
  }

  /** Forgets all. */
  clear(): void {
    this.keep(NOTHING);
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#room.length) return;
    const room = new Uint8Array(Math.max(LEAST_ROOM, bytes, 2 * this.#room.length));
    room.set(this.#room.subarray(0, this.#length));
    this.#room = room;
  }
}
