// A message that its receiver looks at where its sender wrote it.

import { ClosedError } from '../errors.js';

/**
 * A message where its sender wrote it, without a copy. It is the sender's memory: valid until release(), and one that breaks
 * the rules can change it while it is looked at. Who never gives it back only makes the sender take new memory.
 */
export class BorrowedBytes implements Disposable {
  #bytes: Uint8Array | undefined;
  readonly #release: () => void;

  /** For IpcBytesReceiver.borrow(). */
  constructor(bytes: Uint8Array, release: () => void) {
    this.#bytes = bytes;
    this.#release = release;
  }

  /** The message. After release() this throws ERR_TAP_CLOSED, and what was taken from it shows other messages, or nothing. */
  get bytes(): Uint8Array {
    if (this.#bytes !== undefined) return this.#bytes;
    throw new ClosedError('ERR_TAP_CLOSED', 'a borrowed message was used after it was given back');
  }

  /** Gives it back. Safe to call twice. */
  release(): void {
    if (this.#bytes === undefined) return;
    this.#bytes = undefined;
    this.#release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
