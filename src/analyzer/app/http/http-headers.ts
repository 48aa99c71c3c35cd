// The header fields of one HTTP message (RFC 9112, section 5), in the order and with the letters of the wire. Their number
// and size are bounded: what is beyond is not kept.

import { latin1 } from '../text.js';

const MAX_FIELDS = 1024;
const MAX_BYTES = 65_536;

/** One field; a character per byte. */
export interface HttpField {
  readonly name: string;
  value: string;
}

export class HttpHeaders {
  readonly fields: HttpField[] = [];
  /** The first line continues another one, though there is none. */
  beginsFolded = false;
  /** All lines as they came, with CRLF. */
  raw = '';
  readonly #byName = new Map<string, HttpField>();
  #bytes = 0;

  /** Adds a line without its end. False: it is no field, as it has no colon. */
  add(line: Uint8Array): boolean {
    this.#bytes += line.length;
    if (this.fields.length >= MAX_FIELDS || this.#bytes > MAX_BYTES) return true;
    const text = latin1(line);
    this.raw += `${text}\r\n`;
    const isFolded = /^[ \t]/.test(text);
    this.beginsFolded ||= isFolded && this.fields.length === 0;
    if (isFolded && this.fields.length > 0) this.#fold(text.trim());
    else return this.#field(text);
    return true;
  }

  /** A field's value, by its name in lower case. Repeated fields are one, with commas between, as RFC 9110 says. */
  get(name: string): string | undefined {
    return this.#byName.get(name)?.value;
  }

  /** A long value continues on the next line. */
  #fold(text: string): void {
    const last = this.fields.at(-1)!;
    last.value = `${last.value} ${text}`;
  }

  #field(text: string): boolean {
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(colon, 0)).trimEnd();
    const value = text.slice(colon + 1).trim();
    const known = this.#byName.get(name.toLowerCase());
    if (known !== undefined) {
      known.value = `${known.value}, ${value}`;
      return colon > 0;
    }
    const field = { name, value };
    this.fields.push(field);
    this.#byName.set(name.toLowerCase(), field);
    return colon > 0;
  }
}
