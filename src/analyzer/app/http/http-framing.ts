// Where the messages of one direction begin and end (RFC 9112, sections 2, 6 and 7): lines up to the empty one, then a body
// of a known length, in chunks, or until the connection ends. What lines say is for the handler to know.

import { LineReader } from '../line-reader.js';
import { latin1 } from '../text.js';

/** How the body behind a header is framed. */
export type BodyKind =
  | { readonly kind: 'none' | 'chunked' | 'untilClose' | 'ignored' }
  | { readonly kind: 'length'; readonly bytes: number };

/** What the framing tells. Bytes are valid during the call. */
export interface FramingHandler {
  /** The first line of a message; true: header fields follow. False: a body does, until the connection ends. */
  startLine(line: Uint8Array): boolean;
  field(line: Uint8Array): void;
  /** The empty line behind the fields. */
  headersEnd(): BodyKind;
  body(bytes: Uint8Array): void;
  /** So many bytes of the body are lost, or only frame its chunks. */
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

const NOTHING = new Uint8Array(0);
const LINE_ENDS = ['', '\n', '\r\n'].map((end) => Buffer.from(end));

type State = 'start' | 'fields' | 'length' | 'chunkSize' | 'chunk' | 'chunkEnd' | 'trailers' | 'untilClose' | 'ignored';

export class HttpFraming {
  readonly #handler: FramingHandler;
  readonly #names: { readonly tooLong: string; readonly badChunk: string };
  readonly #lines = new LineReader(MAX_LINE_BYTES);
  #state: State = 'start';
  #left = 0;

  constructor(handler: FramingHandler, names: { readonly tooLong: string; readonly badChunk: string }) {
    this.#handler = handler;
    this.#names = names;
  }

  data(piece: Uint8Array): void {
    let rest = piece;
    while (rest.length > 0 && this.#state !== 'ignored') rest = this.#isInBody() ? this.#body(rest) : this.#line(rest);
  }

  /** Bytes of a body may be missing; where lines are missing, nobody knows where the next message begins. */
  gap(length: number): void {
    if (!this.#isInBody() || (this.#state !== 'untilClose' && length > this.#left)) return this.#fail(undefined);
    this.#handler.bodyWithout(length);
    this.#consume(length);
  }

  /** The connection ended, and with it what has no other end. */
  close(): void {
    if (this.#state === 'untilClose') this.#end();
  }

  /** Looks at nothing more. */
  stop(): void {
    this.#state = 'ignored';
    this.#lines.clear();
  }

  #isInBody(): boolean {
    return this.#state === 'length' || this.#state === 'chunk' || this.#state === 'untilClose';
  }

  #body(rest: Uint8Array): Uint8Array {
    const isAll = this.#state === 'untilClose' || rest.length <= this.#left;
    const part = isAll ? rest : rest.subarray(0, this.#left);
    this.#handler.body(part);
    this.#consume(part.length);
    return isAll ? NOTHING : rest.subarray(part.length);
  }

  #consume(length: number): void {
    this.#left -= length;
    if (this.#state === 'length' && this.#left === 0) this.#end();
    else if (this.#state === 'chunk' && this.#left === 0) this.#state = 'chunkEnd';
  }

  /** Reads one line. */
  #line(rest: Uint8Array): Uint8Array {
    return this.#lines.read(rest, (line, endBytes) => {
      if (endBytes === 0) this.#fail(this.#names.tooLong);
      else this.#take(line, endBytes);
      return false;
    });
  }

  #take(line: Uint8Array, endBytes: number): void {
    if (this.#state === 'chunkSize' || this.#state === 'chunkEnd') this.#handler.bodyWithout(line.length + endBytes);
    if (this.#state === 'start') this.#start(line, endBytes);
    else if (this.#state === 'fields') this.#field(line);
    else if (this.#state === 'chunkSize') this.#chunkSize(line);
    else if (this.#state === 'chunkEnd') this.#state = 'chunkSize';
    else if (this.#state === 'trailers' && line.length === 0) this.#end();
  }

  /** Empty lines before a message are passed over. A line that is none of a message's is part of a body. */
  #start(line: Uint8Array, endBytes: number): void {
    if (line.length === 0) return;
    const hasFields = this.#handler.startLine(line);
    if (this.#state !== 'start') return;
    this.#state = hasFields ? 'fields' : 'untilClose';
    if (!hasFields) this.#handler.body(Buffer.concat([line, LINE_ENDS[endBytes]!]));
  }

  #field(line: Uint8Array): void {
    if (line.length > 0) return this.#handler.field(line);
    const body = this.#handler.headersEnd();
    if (this.#state === 'ignored') return;
    if (body.kind === 'none') this.#end();
    else if (body.kind === 'chunked') this.#state = 'chunkSize';
    else this.#state = body.kind;
    if (body.kind === 'length') this.#left = body.bytes;
  }

  #chunkSize(line: Uint8Array): void {
    const [, digits] = /^\s*([0-9A-Fa-f]+)\s*(?:;|$)/.exec(latin1(line)) ?? [];
    const size = digits?.replace(/^0+(?=.)/, '');
    if (size === undefined || size.length > MAX_CHUNK_DIGITS) return this.#fail(this.#names.badChunk);
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
  }

  #end(): void {
    this.#state = 'start';
    this.#handler.end();
  }

  #fail(event: string | undefined): void {
    this.stop();
    this.#handler.problem(event);
  }
}
