// The name that an event says just now, as a JSON string. A response says the same name in most of its records, by a pointer
// to its question: it is put together once, and copied eight bytes at a time from then on.

import type { EveWriter } from '../../eve/eve-writer.js';
import { FRAGMENT_SLACK, type Fragment } from '../../eve/fragment.js';
import { gatherName, MAX_NAME_BYTES, type MessagePlace, pointedAt } from './dns-name.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NOWHERE = -1;

/** By byte: 1 where JSON has another form of it, or EVE has. */
const SPECIAL = new Uint8Array(256).fill(1);
SPECIAL.fill(0, 0x20, 0x80);
SPECIAL[QUOTE] = SPECIAL[BACKSLASH] = 1;

/** The last name that was written: valid until the message that it is of is another one. */
class NameText implements Fragment {
  readonly words = new Float64Array(Math.ceil((MAX_NAME_BYTES + 2 + FRAGMENT_SLACK) / 8));
  length = 0;
  readonly #bytes = new Uint8Array(this.words.buffer);
  readonly #name = this.#bytes.subarray(1);
  #at = NOWHERE;
  #isSpecial = false;

  forget(): void {
    this.#at = NOWHERE;
  }

  write(out: EveWriter, message: MessagePlace, at: number): void {
    const place = pointedAt(message, at);
    if (place !== this.#at) this.#gather(message, place);
    if (this.#isSpecial) out.bytes(this.#bytes, 1, this.length - 1);
    else out.put(this);
  }

  #gather(message: MessagePlace, at: number): void {
    const bytes = this.#bytes;
    const length = gatherName(message, at, this.#name);
    let special = 0;
    for (let i = 1; i <= length; i++) special |= SPECIAL[bytes[i]!]!;
    bytes[0] = bytes[length + 1] = QUOTE;
    this.length = length + 2;
    this.#isSpecial = special !== 0;
    this.#at = at;
  }
}

const text = new NameText();

/** The message is another one. */
export function forgetName(): void {
  text.forget();
}

/** The name at `at` of a message that was read. */
export function writeName(out: EveWriter, message: MessagePlace, at: number): void {
  text.write(out, message, at);
}
