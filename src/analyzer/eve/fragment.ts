// Constant pieces of records, encoded once.

/** Text that a record has always: braces, keys and their colons. */
export class Fragment {
  readonly bytes: Uint8Array;

  /** `text` goes into the record as it is. */
  constructor(text: string) {
    this.bytes = new TextEncoder().encode(text);
  }
}
