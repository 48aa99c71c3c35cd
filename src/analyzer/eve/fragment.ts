// Constant pieces of records, encoded once and laid out so that they are copied eight bytes at a time.

const WORD_BYTES = 8;

/** Text that goes into records as it is: braces, keys and their colons, names. */
export class Fragment {
  /** Bytes of it. */
  readonly length: number;
  /**
   * The same as 64-bit words, zeros at the end. They are copied as floats, which keeps every bit: UTF-8 is never the pattern
   * of a NaN, which some operations change.
   */
  readonly words: Float64Array;

  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    const padded = new Uint8Array(Math.ceil(bytes.length / WORD_BYTES) * WORD_BYTES);
    padded.set(bytes);
    this.length = bytes.length;
    this.words = new Float64Array(padded.buffer);
  }
}

/** What ends a member that is text. */
export const END_OF_TEXT = new Fragment('",');

/** What is written behind a fragment at most before the rest of the record covers it. */
export const FRAGMENT_SLACK = WORD_BYTES;
