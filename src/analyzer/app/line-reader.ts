// Lines of one direction of a text protocol. A line ends with LF, before which a CR belongs to the end, too. What is
// longer than the bound is given cut, once, and the rest of that line is passed over; or, if so asked, in pieces.

import { StreamBytes } from './stream-bytes.js';

const LF = 10;
const CR = 13;

/** Takes a line; whether to go on with the next. */
export type TakeLine = (bytes: Uint8Array, endBytes: number) => boolean;

export class LineReader {
  readonly #waiting = new StreamBytes();
  readonly #maxBytes: number;
  readonly #inPieces: boolean;
  #skipping = false;

  /** `maxBytes`: the longest line that is given whole, without its end. `inPieces`: so are all bytes of a longer one. */
  constructor(maxBytes: number, { inPieces = false } = {}) {
    this.#maxBytes = maxBytes;
    this.#inPieces = inPieces;
  }

  /**
   * Calls `line` for each line that the piece ends, as long as that returns true; what the piece has behind the last of
   * them. A line is valid during the call; `endBytes` are those of its end, and 0 says that it was cut, or that the next
   * call brings more of the same line.
   */
  read(piece: Uint8Array, line: TakeLine): Uint8Array {
    let rest = piece;
    while (rest.length > 0) {
      const end = rest.indexOf(LF);
      const part = end < 0 ? rest : rest.subarray(0, end);
      rest = end < 0 ? rest.subarray(rest.length) : rest.subarray(end + 1);
      const goesOn = this.#take(part, end >= 0, line);
      if (!goesOn) return rest;
    }
    return rest;
  }

  /** A line has begun that has not ended yet. */
  get isWithin(): boolean {
    return this.#waiting.length > 0 || this.#skipping;
  }

  /** Forgets the line that has begun. */
  clear(): void {
    this.#waiting.clear();
    this.#skipping = false;
  }

  #take(part: Uint8Array, isEnd: boolean, line: TakeLine): boolean {
    if (this.#skipping) {
      this.#skipping = !isEnd;
      return true;
    }
    const bytes = this.#waiting.join(part);
    const isCut = bytes.length > this.#maxBytes + 1;
    if (!isEnd && !isCut) {
      this.#waiting.keep(bytes);
      return true;
    }
    const goesOn = this.#inPieces ? giveAll(bytes, isEnd, line) : this.#giveCut(bytes, isCut, line);
    this.#skipping = !isEnd && !this.#inPieces;
    this.#waiting.clear();
    return goesOn;
  }

  #giveCut(bytes: Uint8Array, isCut: boolean, line: TakeLine): boolean {
    return isCut ? line(bytes.subarray(0, this.#maxBytes), 0) : giveAll(bytes, true, line);
  }
}

/** A whole line without its end, whose LF is left out already; or a piece of one. */
function giveAll(bytes: Uint8Array, isEnd: boolean, line: TakeLine): boolean {
  if (!isEnd) return line(bytes, 0);
  const endBytes = bytes.at(-1) === CR ? 2 : 1;
  return line(bytes.subarray(0, bytes.length + 1 - endBytes), endBytes);
}
