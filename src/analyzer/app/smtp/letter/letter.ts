// A letter (RFC 5322) and what is attached to it (MIME, RFC 2045 and 2046), taken apart line by line as it comes: who writes to
// whom, the files, the links. Nothing of the text is kept, and of attachments only the beginning, if anybody looks into them.

import { latin1 } from '../../text.js';
import { type Attachment, LetterPart } from './letter-part.js';

/** How far a letter has come, in Suricata's words. */
export type LetterStatus =
  | 'HEADER_READY'
  | 'HEADER_STARTED'
  | 'HEADER_DONE'
  | 'BODY_STARTED'
  | 'BODY_END_BOUND'
  | 'PARSE_DONE';

/** Parts within parts; what lies deeper is body. */
const MAX_DEPTH = 16;
const MAX_PARTS = 256;
/** Bytes that are kept of all attachments together. */
const MAX_KEPT_BYTES = 1_048_576;

export class Letter {
  readonly #parts: LetterPart[] = [new LetterPart()];
  /** The parts that lines may belong to, the letter itself first. */
  readonly #open: LetterPart[] = [this.#parts[0]!];
  #status: LetterStatus = 'HEADER_READY';
  #inHeader = true;
  #isLineStart = true;
  #room: number;

  /** `wantsBodies`: rules look into attachments; without them nothing is kept. */
  constructor(wantsBodies: boolean) {
    this.#room = wantsBodies ? MAX_KEPT_BYTES : 0;
  }

  get status(): LetterStatus {
    return this.#status;
  }

  /** The letter itself, once its header is over. */
  get whole(): LetterPart | undefined {
    return this.#inHeader && this.#parts.length === 1 && this.#status !== 'PARSE_DONE' ? undefined : this.#parts[0];
  }

  /** In the order in which they came. */
  get attachments(): readonly Attachment[] {
    return this.#parts.flatMap(({ attachment }) => attachment ?? []);
  }

  /** Part by part. */
  get urls(): readonly string[] {
    return this.#parts.flatMap(({ urls }) => urls);
  }

  /** Takes a line without its end; without one, it is a piece of a line. */
  line(line: Uint8Array, end: Uint8Array): void {
    const isStart = this.#isLineStart;
    this.#isLineStart = end.length > 0;
    if (isStart && this.#takeBoundary(line)) return;
    if (!this.#inHeader) this.#body(line, end);
    else if (line.length === 0 && isStart) this.#endHeader();
    else if (this.#status === 'HEADER_READY' && !mayBeginHeader(line)) this.#beginWithoutHeader(line, end);
    else this.#header(line);
  }

  /** The letter is over. */
  close(): void {
    this.cut();
    this.#status = 'PARSE_DONE';
  }

  /** Nothing more comes, though the letter is not over. */
  cut(): void {
    this.#closeAbove(0);
  }

  get #current(): LetterPart {
    return this.#open.at(-1)!;
  }

  #header(line: Uint8Array): void {
    this.#status = 'HEADER_STARTED';
    this.#current.header.add(line);
  }

  #endHeader(): void {
    this.#status = 'HEADER_DONE';
    this.#inHeader = false;
    this.#current.beginBody();
    if (this.#current.isLetter) this.#begin();
  }

  #beginWithoutHeader(line: Uint8Array, end: Uint8Array): void {
    this.#endHeader();
    this.#body(line, end);
  }

  #body(line: Uint8Array, end: Uint8Array): void {
    this.#status = 'BODY_STARTED';
    this.#room -= this.#current.add(line, end, this.#room);
  }

  /** The innermost part that the line is a boundary of, if it is one. */
  #takeBoundary(line: Uint8Array): boolean {
    if (line[0] !== DASH || line[1] !== DASH) return false;
    const text = latin1(line);
    const depth = this.#open.findLastIndex(({ boundary }) => boundary !== undefined && isBoundary(text, boundary));
    if (depth < 0) return false;
    const { boundary = '' } = this.#open[depth]!;
    this.#closeAbove(depth + 1);
    this.#inHeader = false;
    if (text.startsWith('--', 2 + boundary.length)) this.#endParts();
    else this.#begin();
    return true;
  }

  /** What follows is of no part. */
  #endParts(): void {
    this.#current.boundary = undefined;
    this.#status = 'BODY_END_BOUND';
  }

  #begin(): void {
    if (this.#open.length >= MAX_DEPTH || this.#parts.length >= MAX_PARTS) return;
    const part = new LetterPart();
    this.#parts.push(part);
    this.#open.push(part);
    this.#inHeader = true;
  }

  #closeAbove(depth: number): void {
    for (const part of this.#open.splice(depth)) part.close();
  }
}

const DASH = 45;

/** A field, or the line that separates letters in a mailbox. */
function mayBeginHeader(line: Uint8Array): boolean {
  return /^(?:[^\s:]+[ \t]*:|From )/.test(latin1(line));
}

/** `--`, the boundary, perhaps `--`, and nothing but blanks. */
function isBoundary(line: string, boundary: string): boolean {
  return line.startsWith(boundary, 2) && /^(?:--)?[ \t]*$/.test(line.slice(2 + boundary.length));
}
