// The header fields of one HTTP message (RFC 9112, section 5), in the order and with the letters of the wire. Their number
// and size are bounded: what is beyond is not kept. Lines are kept as the text that they came in; of the fields only those
// that somebody here asks for are taken out as they come, the others when rules want all of them.

import { type HttpField, HttpFieldList, isFolded } from './http-field-list.js';
import { FIELD_NAMES, knownField } from './http-known-fields.js';

const MAX_FIELDS = 1024;
const MAX_BYTES = 65_536;
const COLON = 58;

export class HttpHeaders {
  /** The first line continues another one, though there is none. */
  beginsFolded = false;
  /** Values, by the field's number. Undefined before the first, and not asked once there is a list. */
  #values: (string | undefined)[] | undefined;
  /** From when on rules asked for it, or a field was repeated or folded. */
  #list: HttpFieldList | undefined;
  /** Lines before those of #text. */
  #before = '';
  /** The text that lines come in, and the stretch of it that they are, their ends with them. */
  #text = '';
  #start = 0;
  #end = 0;
  #lines = 0;
  #bytes = 0;

  /**
   * Adds the line at `start`, which ends before `end`, where CRLF stands in the text. False: it is no field, as it has no
   * colon.
   */
  add(text: string, start: number, end: number): boolean {
    this.#bytes += end - start;
    if (this.isFull || this.#bytes > MAX_BYTES) return true;
    const isFirst = this.#lines++ === 0;
    const folded = isFolded(text.charCodeAt(start));
    if (isFirst) this.beginsFolded = folded;
    this.#append(text, start, end);
    if (this.#list !== undefined) this.#list.add(text.slice(start, end));
    if (folded && !isFirst) {
      this.#makeList();
      return true;
    }
    return this.#field(text, start, end);
  }

  /** All fields. Those that are repeated are one, where the first was. */
  get fields(): readonly HttpField[] {
    return this.#makeList().fields;
  }

  /** There may be more than were kept. Fewer lines can't be too many fields. */
  get isFull(): boolean {
    return this.#lines >= MAX_FIELDS && this.#makeList().fields.length >= MAX_FIELDS;
  }

  /** All lines as they came, with CRLF. */
  get raw(): string {
    return this.#before + this.#text.slice(this.#start, this.#end);
  }

  /** A field's value, by its number in {@link Field}; undefined: there is none. */
  get(field: number): string | undefined {
    return this.#list === undefined ? this.#values?.[field] : this.#list.get(FIELD_NAMES[field]!);
  }

  /** Lines that follow each other in one text stay there. */
  #append(text: string, start: number, end: number): void {
    if (start !== this.#end || text !== this.#text) {
      this.#before = this.raw;
      this.#text = text;
      this.#start = start;
    }
    this.#end = end + 2;
  }

  #field(text: string, start: number, end: number): boolean {
    let colon = start;
    while (colon < end && text.charCodeAt(colon) !== COLON) colon++;
    if (colon === end) return false;
    const number = knownField(text, start, trimmedEnd(text, start, colon));
    if (number >= 0 && this.#list === undefined) this.#take(number, text, colon + 1, end);
    return colon > start;
  }

  #take(number: number, text: string, start: number, end: number): void {
    this.#values ??= new Array(FIELD_NAMES.length);
    if (this.#values[number] !== undefined) {
      this.#makeList();
      return;
    }
    let from = start;
    while (from < end && isSpace(text.charCodeAt(from))) from++;
    this.#values[number] = text.slice(from, trimmedEnd(text, from, end));
  }

  #makeList(): HttpFieldList {
    if (this.#list !== undefined) return this.#list;
    this.#list = new HttpFieldList();
    this.#list.addAll(this.raw);
    return this.#list;
  }
}

function trimmedEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

/** What trim() takes away, of the characters that a byte may be. */
export function isSpace(code: number): boolean {
  return code <= 32 ? code === 32 || (code >= 9 && code <= 13) : code === 160;
}
