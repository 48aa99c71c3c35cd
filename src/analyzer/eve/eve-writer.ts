// Events as they go out: lines of JSON in UTF-8, written into one buffer and handed over many at a time. An event is some 500
// bytes, and a packet may make one: as a string it would be put together from forty others, encoded, copied and collected.
//
// A record is written as members with a comma behind each; close() puts the brace in place of the last comma.

import { eveText, latin1 } from '../app/text.js';
import { ADDRESS_BYTES, putIpv4, putIpv6 } from './address-bytes.js';
import { DIGEST_BASE64_BYTES, putDigest } from './base64.js';
import { NUMBER_BYTES, putAscii, putNumber } from './digits.js';
import { FRAGMENT_SLACK, type Fragment } from './fragment.js';
import { putTime, TIME_BYTES } from './time.js';

/**
 * Takes whole lines, each with its line break, `count` of them. The bytes are valid during the call only: they are the
 * writer's.
 */
export type EventsListener = (lines: Uint8Array, count: number) => void;

/** So much is handed over without being asked. */
const CHUNK_BYTES = 1 << 16;
/** Room for a chunk and the line that goes beyond; a longer line gets a larger buffer, until it is handed over. */
const BUFFER_BYTES = 2 * CHUNK_BYTES;

/** What a byte of text may become: `\u001f`. */
const MAX_ESCAPED = 6;

const LINE_BREAK = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const BRACE = 0x7d;
const BRACKET = 0x5d;

/** One for an analyzer. */
export class EveWriter {
  readonly #onEvents: EventsListener;
  #bytes = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  /** On the same bytes. */
  #view = viewOf(this.#bytes);
  #at = 0;
  /** Where the last whole line ends. */
  #end = 0;
  #count = 0;

  constructor(onEvents: EventsListener) {
    this.#onEvents = onEvents;
  }

  /** Begins a line. A line that was not ended, as whoever wrote it threw, has never been. */
  begin(): void {
    this.#at = this.#end;
  }

  /** Ends the line. What the listener throws comes out of here. */
  end(): void {
    this.#makeRoom(1);
    this.#bytes[this.#at++] = LINE_BREAK;
    this.#end = this.#at;
    this.#count++;
    if (this.#end >= CHUNK_BYTES) this.flush();
  }

  /** Hands over the whole lines that there are. */
  flush(): void {
    if (this.#count === 0) return;
    const [lines, count] = [this.#bytes.subarray(0, this.#end), this.#count];
    // Before it is handed over: what throws there is not handed over again.
    this.#at = this.#end = this.#count = 0;
    if (this.#bytes.length > BUFFER_BYTES) this.#use(Buffer.allocUnsafeSlow(BUFFER_BYTES));
    this.#onEvents(lines, count);
  }

  put({ words, length }: Fragment): void {
    this.#makeRoom(length + FRAGMENT_SLACK);
    const view = this.#view;
    const at = this.#at;
    for (let i = 0; 8 * i < length; i++) view.setFloat64(at + 8 * i, words[i]!, true);
    this.#at = at + length;
  }

  /** A number as JSON has it. */
  number(value: number): void {
    this.#makeRoom(NUMBER_BYTES);
    this.#at = putNumber(this.#view, this.#at, value);
  }

  /** Text as it is: no quotes around it, no escapes in it, no character above 127. */
  ascii(text: string): void {
    this.#makeRoom(text.length);
    this.#at = putAscii(this.#view, this.#at, text);
  }

  /** A JSON string of any text. */
  string(text: string): void {
    if (!this.#putEscaped(text)) this.json(text);
  }

  /** A JSON string of what {@link eveText} makes of a character per byte. */
  latin1(text: string): void {
    if (!this.#putEscaped(text)) this.json(eveText(text));
  }

  /** The same of the bytes themselves, from `start` to before `end`. */
  bytes(from: Uint8Array, start = 0, end = from.length): void {
    this.#makeRoom((end - start) * MAX_ESCAPED + 2);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = QUOTE;
    for (let i = start; i < end; i++) {
      const byte = from[i]!;
      if (byte > 127) return this.json(eveText(latin1(from, start, end)));
      if (byte >= 32 && byte !== QUOTE && byte !== BACKSLASH) bytes[at++] = byte;
      else at = putAscii(this.#view, at, escaped(byte));
    }
    bytes[at++] = QUOTE;
    this.#at = at;
  }

  /** In UTC with microseconds: `2024-01-31T23:59:59.123456+0000`, without quotes. */
  time(sec: number, nsec: number): void {
    this.#makeRoom(TIME_BYTES);
    this.#at = putTime(this.#view, this.#at, sec, nsec);
  }

  /** An IPv4 address given as one 32-bit number, in dotted decimals without quotes. */
  ipv4(address: number): void {
    this.#makeRoom(ADDRESS_BYTES);
    this.#at = putIpv4(this.#view, this.#at, address);
  }

  /** An IPv6 address given as four 32-bit numbers, without quotes, in the form of RFC 5952. */
  ipv6(a: number, b: number, c: number, d: number): void {
    this.#makeRoom(ADDRESS_BYTES);
    this.#at = putIpv6(this.#view, this.#at, a, b, c, d);
  }

  /** A hash of five big-endian words, from `start` on, in base64. */
  digest(words: Int32Array, start: number): void {
    this.#makeRoom(DIGEST_BASE64_BYTES);
    this.#at = putDigest(this.#view, this.#at, words, start);
  }

  /** Anything that JSON can say: for what is rare. */
  json(value: unknown): void {
    const text = JSON.stringify(value);
    this.#makeRoom(3 * text.length);
    this.#at += this.#bytes.write(text, this.#at, 'utf8');
  }

  /** The members of an object, a comma behind each; those that are undefined are left out. For what is rare. */
  members(fields: object): void {
    for (const [key, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      this.string(key);
      this.ascii(':');
      this.json(value);
      this.comma();
    }
  }

  comma(): void {
    this.#makeRoom(1);
    this.#bytes[this.#at++] = COMMA;
  }

  /** Ends an object: in place of the comma behind its last member, if it has any. */
  closeObject(): void {
    this.#close(BRACE);
  }

  /** Ends an array likewise. */
  closeArray(): void {
    this.#close(BRACKET);
  }

  #close(byte: number): void {
    this.#makeRoom(1);
    if (this.#bytes[this.#at - 1] === COMMA) this.#at--;
    this.#bytes[this.#at++] = byte;
  }

  /** False, and nothing is written: the text has characters above 127. */
  #putEscaped(text: string): boolean {
    this.#makeRoom(text.length * MAX_ESCAPED + 2);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      if (code >= 32 && code !== QUOTE && code !== BACKSLASH) bytes[at++] = code;
      else at = putAscii(this.#view, at, escaped(code));
    }
    bytes[at++] = QUOTE;
    this.#at = at;
    return true;
  }

  #makeRoom(length: number): void {
    if (this.#at + length > this.#bytes.length) this.#grow(length);
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * (this.#at + length));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#use(larger);
  }

  #use(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer<ArrayBuffer>): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** As JSON.stringify writes it, without quotes. */
function escaped(code: number): string {
  return JSON.stringify(String.fromCharCode(code)).slice(1, -1);
}
