// Reads a letter out of what a client sends: as DATA brings it, with a dot that ends it and dots before dots (RFC 5321, section
// 4.5.2), or in chunks of BDAT (RFC 3030). At most a piece of a line waits in memory.

import { LineReader } from '../../line-reader.js';
import { Letter } from './letter.js';

/** Longer lines are looked at in pieces. */
const PIECE_BYTES = 4096;
const DOT = 46;
const LINE_END = Uint8Array.of(10);
/** By the number of their bytes. */
const ENDS = [new Uint8Array(0), LINE_END, Uint8Array.of(13, 10)] as const;

export class LetterReader {
  readonly letter: Letter;
  readonly #lines = new LineReader(PIECE_BYTES, { inPieces: true });
  #isLineStart = true;
  #isData = false;
  /** Bytes of a chunk that are still to come. */
  #chunk = 0;
  #isLastChunk = false;
  #isOver = false;

  /** `wantsBodies`: rules look into attachments. */
  constructor(wantsBodies: boolean) {
    this.letter = new Letter(wantsBodies);
  }

  /** What the client sends now is the letter's, not a command. */
  get isReading(): boolean {
    return (this.#isData && !this.#isOver) || this.#chunk > 0;
  }

  /** The letter has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** It comes by DATA, not in chunks. */
  get isData(): boolean {
    return this.#isData;
  }

  /** DATA was said. */
  beginData(): void {
    this.#isData = true;
  }

  /** BDAT was said, with these words behind it. */
  beginChunk(words: string): void {
    const [, digits = '0', last = ''] = /^(\d{1,10})(?:\s+(\S+)|$)/.exec(words) ?? [];
    this.#isLastChunk = last.toUpperCase() === 'LAST';
    this.#chunk = Number(digits);
    this.#endChunk();
  }

  /** Takes bytes while it {@link isReading}; what is behind the letter or the chunk. */
  take(bytes: Uint8Array): Uint8Array {
    return this.#isData ? this.#takeData(bytes) : this.#takeChunk(bytes);
  }

  /** So many bytes are missing: what has begun of a line is no line. False: more is missing than the letter. */
  gap(length: number): boolean {
    this.#lines.clear();
    this.#isLineStart = true;
    if (this.#isData) return true;
    if (length > this.#chunk) return false;
    this.#chunk -= length;
    this.#endChunk();
    return true;
  }

  #takeData(bytes: Uint8Array): Uint8Array {
    return this.#lines.read(bytes, (line, endBytes) => {
      const isDotted = this.#isLineStart && line[0] === DOT;
      this.#isLineStart = endBytes > 0;
      if (isDotted && line.length === 1 && endBytes > 0) this.#end();
      else this.letter.line(isDotted ? line.subarray(1) : line, ENDS[endBytes]!);
      return !this.#isOver;
    });
  }

  /** What follows the last chunk is no letter any more. */
  #takeChunk(bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, this.#chunk);
    this.#chunk -= part.length;
    if (!this.#isOver) this.#chunkLines(part);
    this.#endChunk();
    return bytes.subarray(part.length);
  }

  #chunkLines(bytes: Uint8Array): void {
    this.#lines.read(bytes, (line, endBytes) => {
      this.letter.line(line, ENDS[endBytes]!);
      return true;
    });
  }

  /** The last chunk need not end with a line. */
  #endChunk(): void {
    if (this.#chunk > 0 || !this.#isLastChunk || this.#isOver) return;
    this.#chunkLines(LINE_END);
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.letter.close();
  }
}
