// The header of a letter or of a part of one (RFC 5322, section 2.2; RFC 2045, section 3): those fields that are asked for,
// the last one of a name, its lines put together, and no more than MAX_VALUE_BYTES of each.

import { latin1 } from '../../text.js';

const WANTED = [
  'from',
  'to',
  'cc',
  'subject',
  'content-type',
  'content-disposition',
  'content-transfer-encoding',
] as const;

/** A field that is kept. */
export type FieldName = (typeof WANTED)[number];

/** Suricata's bound. */
const MAX_VALUE_BYTES = 2000;

export class LetterHeader {
  readonly #fields = new Map<FieldName, string>();
  #open: FieldName | undefined;

  /** Takes a line that is not empty. */
  add(bytes: Uint8Array): void {
    const line = latin1(bytes);
    if (/^[ \t]/.test(line)) return this.#append(line);
    const [, name, value = ''] = /^([^\s:]+)[ \t]*:(.*)$/s.exec(line) ?? [];
    this.#open = WANTED.find((wanted) => wanted === name?.toLowerCase());
    if (this.#open !== undefined) this.#set(this.#open, value);
  }

  /** The field's value, a character per byte, without the blanks before it. */
  get(name: FieldName): string | undefined {
    return this.#fields.get(name);
  }

  #append(line: string): void {
    if (this.#open !== undefined) this.#set(this.#open, this.#fields.get(this.#open)! + line);
  }

  #set(name: FieldName, value: string): void {
    this.#fields.set(name, value.trimStart().slice(0, MAX_VALUE_BYTES));
  }
}
