// The bytes of one direction of a stream that a parser can't use yet. What a piece brings is looked at in place; only
// what is left over is kept, and never more than the parser's own bounds let it ask for.

const NOTHING = new Uint8Array(0);

export class StreamBytes {
  #kept = NOTHING;

  /** Bytes that wait. */
  get length(): number {
    return this.#kept.length;
  }

  /** What waited, with the piece behind it. The result is valid as long as the piece is. */
  join(piece: Uint8Array): Uint8Array {
    const kept = this.#kept;
    if (kept.length === 0) return piece;
    const all = new Uint8Array(kept.length + piece.length);
    all.set(kept);
    all.set(piece, kept.length);
    return all;
  }

  /** Keeps a copy of what is left; nothing, if nothing is. */
  keep(rest: Uint8Array): void {
    this.#kept = rest.length === 0 ? NOTHING : rest.slice();
  }
}
