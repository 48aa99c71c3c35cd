// What one direction of a stream brought before its protocol was known: all of the first MAX_HELD_BYTES, and how many
// bytes there were beyond, or how many were lost.

import type { AppParser } from './app-types.js';
import { StreamBytes } from './stream-bytes.js';

/** How many bytes of a direction are looked at to recognise its protocol. */
export const MAX_PROBE_BYTES = 256;
/** How many wait for the other direction to tell. */
export const MAX_HELD_BYTES = 4096;

export class StreamHead {
  /** Its own bytes will not tell. */
  hopeless = false;
  readonly #held = new StreamBytes();
  /** What came once it was hopeless, in pieces: mostly nobody will want it. */
  #pieces: Uint8Array[] | undefined;
  #length = 0;
  #beyond = 0;

  /** What there is, with the piece behind it; valid until the next call. */
  join(piece: Uint8Array): Uint8Array {
    return this.#held.join(piece);
  }

  /** Holds what join() gave. */
  hold(bytes: Uint8Array): void {
    this.#held.keep(bytes.subarray(0, MAX_HELD_BYTES));
    this.#length = this.#held.length;
    this.#beyond = bytes.length - this.#length;
    if (bytes.length >= MAX_PROBE_BYTES) this.hopeless = true;
  }

  /** Adds bytes of which nobody expects to be told by. */
  add(piece: Uint8Array): void {
    const room = this.#beyond > 0 ? 0 : Math.min(MAX_HELD_BYTES - this.#length, piece.length);
    if (room > 0) {
      this.#pieces ??= [];
      this.#pieces.push(piece.slice(0, room));
    }
    this.#length += room;
    this.#beyond += piece.length - room;
  }

  /** Bytes that never came; nothing behind them is recognised. */
  lose(length: number): void {
    this.hopeless = true;
    this.#beyond += length;
  }

  /** What is held; valid until the next call. */
  get bytes(): Uint8Array {
    return this.#held.join(new Uint8Array(0));
  }

  /** Hands all to the parser. */
  giveTo(parser: AppParser, direction: number): void {
    const bytes = this.#held.join(new Uint8Array(0));
    if (this.#held.length > 0) parser.data(direction, bytes);
    for (const piece of this.#pieces ?? []) parser.data(direction, piece);
    if (this.#beyond > 0) parser.gap(direction, this.#beyond);
  }
}
