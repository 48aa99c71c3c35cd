// Where the messages of one direction begin and end (RFC 9112, sections 2, 6 and 7): lines up to the empty one, then a body
// of a known length, in chunks, or until the connection ends. What lines say is for the handler to know. A head that comes
// in one piece is made text at once, and its lines are stretches of that; lines that are torn apart are gathered first.

import { LineReader } from '../line-reader.js';
import { bytesOf, latin1 } from '../text.js';
import { BodyLength } from './http-length.js';

/** What the framing tells. Bytes are valid during the call. */
export interface FramingHandler {
  /** Whether body() takes a body's bytes; else bodyWithout() takes their number. */
  readonly wantsBody: boolean;
  /** The first line of a message; true: header fields follow. False: a body does, until the connection ends. */
  startLine(line: string): boolean;
  /** A header field: the text from `start` to before `end`, where CRLF stands. A character per byte. */
  field(text: string, start: number, end: number): void;
  /** The empty line behind the fields: how long the body is, a {@link BodyLength} or bytes. */
  headersEnd(): number;
  body(bytes: Uint8Array): void;
  /** So many bytes of the body are lost, only frame its chunks, or nobody wants to see them. */
  bodyWithout(length: number): void;
  /** The message is whole. */
  end(): void;
  /** Nothing can be made of what comes from now on; an event's name where Suricata has one. */
  problem(event: string | undefined): void;
}

/** Longer lines end the parsing of a connection. */
export const MAX_LINE_BYTES = 18_000;
/** Chunks longer than this are none. */
const MAX_CHUNK_DIGITS = 8;

const LF = 10;
const CR = 13;

/** What comes next. From `length` on it is a body's bytes. */
const State = {
  start: 0,
  fields: 1,
  chunkSize: 2,
  chunkEnd: 3,
  trailers: 4,
  ignored: 5,
  length: 6,
  chunk: 7,
  untilClose: 8,
} as const;

export class HttpFraming {
  readonly #handler: FramingHandler;
  readonly #names: { readonly tooLong: string; readonly badChunk: string };
  #lines: LineReader | undefined;
  #state: number = State.start;
  #left = 0;

  constructor(handler: FramingHandler, names: { readonly tooLong: string; readonly badChunk: string }) {
    this.#handler = handler;
    this.#names = names;
  }

  data(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length && this.#state !== State.ignored) {
      if (this.#state >= State.length) at += this.#body(piece, at);
      else if (this.#lines?.isWithin === true) at = piece.length - this.#gathered(piece.subarray(at));
      else at = this.#read(piece, at);
    }
  }

  /** How many of the next bytes are a body's, whatever they say: infinite, if it ends with the connection. */
  get unread(): number {
    if (this.#state < State.length) return 0;
    return this.#state === State.untilClose ? Number.POSITIVE_INFINITY : this.#left;
  }

  /** Bytes of a body may be missing; where lines are missing, nobody knows where the next message begins. */
  gap(length: number): void {
    if (length > this.unread) return this.#fail(undefined);
    this.#handler.bodyWithout(length);
    this.#consume(length);
  }

  /** The connection ended, and with it what has no other end. */
  close(): void {
    if (this.#state === State.untilClose) this.#end();
  }

  /** Looks at nothing more. */
  stop(): void {
    this.#state = State.ignored;
    this.#lines?.clear();
  }

  /** How many bytes were the body's. */
  #body(piece: Uint8Array, at: number): number {
    const length = Math.min(piece.length - at, this.unread);
    this.#give(piece, at, length);
    this.#consume(length);
    return length;
  }

  #give(piece: Uint8Array, at: number, length: number): void {
    if (!this.#handler.wantsBody) this.#handler.bodyWithout(length);
    else this.#handler.body(length === piece.length ? piece : piece.subarray(at, at + length));
  }

  #consume(length: number): void {
    this.#left -= length;
    if (this.#left !== 0) return;
    if (this.#state === State.length) this.#end();
    else if (this.#state === State.chunk) this.#state = State.chunkEnd;
  }

  /** Reads whole lines, up to the end of a head; where the next begins, or a body. */
  #read(piece: Uint8Array, start: number): number {
    const isHead = this.#state <= State.fields;
    const end = isHead ? headEnd(piece, start) : piece.indexOf(LF, start) + 1;
    if (end <= start) return piece.length - this.#gathered(start === 0 ? piece : piece.subarray(start));
    const text = latin1(piece, start, end);
    return start + this.#takeLines(text);
  }

  /** Takes lines as long as lines are what comes; the length of those that were. */
  #takeLines(text: string): number {
    let at = 0;
    while (at < text.length && this.#state < State.ignored) {
      const lf = text.indexOf('\n', at);
      const endBytes = lf > at && text.charCodeAt(lf - 1) === CR ? 2 : 1;
      if (lf - at > MAX_LINE_BYTES + 1) this.#fail(this.#names.tooLong);
      else if (endBytes === 2) this.#take(text, at, lf - 1, 2);
      else this.#take(`${text.slice(at, lf)}\r\n`, 0, lf - at, 1);
      at = lf + 1;
    }
    return at;
  }

  /** Gathers a line that does not lie in one piece; how many bytes are left behind it. */
  #gathered(rest: Uint8Array): number {
    this.#lines ??= new LineReader(MAX_LINE_BYTES);
    const left = this.#lines.read(rest, (line, endBytes) => {
      if (endBytes === 0) this.#fail(this.#names.tooLong);
      else this.#take(`${latin1(line)}\r\n`, 0, line.length, endBytes);
      return false;
    });
    return left.length;
  }

  /** A line of the text; CRLF stands behind it, however long its end was on the wire. */
  #take(text: string, start: number, end: number, endBytes: number): void {
    const state = this.#state;
    if (state === State.fields) this.#field(text, start, end);
    else if (state === State.start) this.#start(text.slice(start, end), endBytes);
    else if (state === State.trailers) {
      if (start === end) this.#end();
    } else {
      this.#handler.bodyWithout(end - start + endBytes);
      if (state === State.chunkSize) this.#chunkSize(text.slice(start, end));
      else this.#state = State.chunkSize;
    }
  }

  /** Empty lines before a message are passed over. A line that is none of a message's is part of a body. */
  #start(line: string, endBytes: number): void {
    if (line === '') return;
    const hasFields = this.#handler.startLine(line);
    if (this.#state !== State.start) return;
    this.#state = hasFields ? State.fields : State.untilClose;
    if (hasFields) return;
    const bytes = bytesOf(line + (endBytes === 2 ? '\r\n' : '\n'));
    this.#give(bytes, 0, bytes.length);
  }

  #field(text: string, start: number, end: number): void {
    if (start < end) return this.#handler.field(text, start, end);
    const length = this.#handler.headersEnd();
    if (this.#state === State.ignored) return;
    if (length === BodyLength.none) this.#end();
    else if (length === BodyLength.chunked) this.#state = State.chunkSize;
    else if (length === BodyLength.untilClose) this.#state = State.untilClose;
    else if (length === BodyLength.ignored) this.#state = State.ignored;
    else {
      this.#state = State.length;
      this.#left = length;
    }
  }

  #chunkSize(line: string): void {
    const [, digits] = /^\s*([0-9A-Fa-f]+)\s*(?:;|$)/.exec(line) ?? [];
    const size = digits?.replace(/^0+(?=.)/, '');
    if (size === undefined || size.length > MAX_CHUNK_DIGITS) return this.#fail(this.#names.badChunk);
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? State.trailers : State.chunk;
  }

  #end(): void {
    this.#state = State.start;
    this.#handler.end();
  }

  #fail(event: string | undefined): void {
    this.stop();
    this.#handler.problem(event);
  }
}

/** Behind the first empty line, or, if there is none, behind the last line that is whole; `start`, if none is. */
function headEnd(piece: Uint8Array, start: number): number {
  let line = start;
  for (let i = start; i < piece.length; i++) {
    if (piece[i] !== LF) continue;
    const isEmpty = i === line || (i === line + 1 && piece[line] === CR);
    line = i + 1;
    if (isEmpty) break;
  }
  return line;
}
