// A buffer for one message at a time: memory that is there already costs less than new memory for each. As long as the longest
// message, which is bounded by what is lent; given back when it was idle for some seconds.

import { IdleTimer } from './idle-timer.js';

export class Scratch {
  #bytes = new Uint8Array();
  readonly #idle = new IdleTimer(() => {
    this.#bytes = new Uint8Array();
  });

  /** A copy, valid until the next one is made. */
  copy(bytes: Uint8Array): Uint8Array {
    if (bytes.length > this.#bytes.length) this.#bytes = new Uint8Array(2 ** Math.ceil(Math.log2(bytes.length)));
    this.#bytes.set(bytes);
    this.#idle.touch();
    return this.#bytes.subarray(0, bytes.length);
  }
}
