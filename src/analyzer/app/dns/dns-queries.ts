// The names that a request asks for, as rules look at them (`dns.query`): put together when the first rule asks, and kept for
// those that follow.

import type { DnsMessage } from './dns-message.js';
import { gatherName, MAX_NAME_BYTES } from './dns-name.js';

/** Names up to this length have a view that is used again: all that are no attempt to be too long. */
const MAX_KEPT_BYTES = 255;

/** Of one message after the other; what it gives is valid until forget(). */
export class DnsQueries {
  readonly #message: DnsMessage;
  readonly #room = new Uint8Array(MAX_NAME_BYTES);
  /** By length: a view of so many bytes of the room. */
  readonly #views: Uint8Array[] = [];
  readonly #one: Uint8Array[] = [];
  #names: readonly Uint8Array[] | undefined;

  constructor(message: DnsMessage) {
    this.#message = message;
  }

  /** The message is another one. */
  forget(): void {
    this.#names = undefined;
  }

  get names(): readonly Uint8Array[] {
    this.#names ??= this.#message.questions === 1 ? this.#onlyName() : this.#allNames();
    return this.#names;
  }

  #onlyName(): readonly Uint8Array[] {
    this.#one[0] = this.#gathered(0);
    return this.#one;
  }

  /** A message with more questions than one is rare, or means harm. */
  #allNames(): readonly Uint8Array[] {
    return Array.from({ length: this.#message.questions }, (_, question) => this.#gathered(question).slice());
  }

  #gathered(question: number): Uint8Array {
    const length = gatherName(this.#message, this.#message.nameAt(question), this.#room);
    if (length > MAX_KEPT_BYTES) return this.#room.subarray(0, length);
    this.#views[length] ??= this.#room.subarray(0, length);
    return this.#views[length];
  }
}
