// A part of a letter, or the letter itself: its header, and what is kept of its body. A part with a file name is an
// attachment, whatever its disposition says; text that is none is searched for links.

import { KeptBytes } from '../../kept-bytes.js';
import { LetterHeader } from './letter-header.js';
import { UrlFinder } from './letter-urls.js';
import { parameter } from './parameter.js';
import { type TransferDecoder, transferDecoder } from './transfer-decoding.js';

const NOTHING = new Uint8Array(0);
/** As much of an attachment is kept, as of a body in HTTP. */
const MAX_ATTACHMENT_BYTES = 102_400;

/** A file that somebody sends. */
export interface Attachment {
  /** A character per byte. */
  readonly name: string;
  /** Decoded; nothing, if nobody wants it. */
  readonly content: KeptBytes;
}

export class LetterPart {
  readonly header = new LetterHeader();
  attachment: Attachment | undefined;
  /** What separates the parts within this one; undefined: it has none, or no more. */
  boundary: string | undefined;
  /** It is a letter that was passed on: its body begins with a header. */
  isLetter = false;
  #urls: UrlFinder | undefined;
  #decoder: TransferDecoder | undefined;
  /** The line end before a boundary belongs to the boundary: it waits for what follows. */
  #end: Uint8Array = NOTHING;

  /** Links in the text, the last one first. */
  get urls(): readonly string[] {
    return this.#urls?.urls ?? [];
  }

  /** The header is over. */
  beginBody(): void {
    const type = this.header.get('content-type') ?? '';
    const encoding = this.header.get('content-transfer-encoding');
    const name = parameter(this.header.get('content-disposition') ?? '', 'filename') ?? parameter(type, 'name');
    if (name !== undefined) this.attachment = { name, content: new KeptBytes(MAX_ATTACHMENT_BYTES) };
    this.boundary = parameter(type, 'boundary') || undefined;
    this.isLetter = /^message\//i.test(type) && !/base64|quoted/i.test(encoding ?? '');
    const isText = type === '' || /^(?:text\/(?:plain|html)|multipart\/)/i.test(type);
    if (isText && name === undefined) this.#urls = new UrlFinder();
    this.#decoder = transferDecoder(encoding);
  }

  /** Takes a line of the body and its end; without one, a piece of a line. How many of at most `room` bytes it has kept. */
  add(line: Uint8Array, end: Uint8Array, room: number): number {
    const decoder = this.#decoder!;
    const isKept = this.attachment !== undefined && room > 0;
    if (!isKept && this.#urls === undefined) return 0;
    const kept = this.#take(this.#end, room);
    this.#end = NOTHING;
    const content = decoder.decode(line, end.length > 0);
    if (decoder.keepsEnd) this.#end = end;
    return kept + this.#take(content, room - kept);
  }

  /** Nothing more comes. */
  close(): void {
    this.#urls?.end();
  }

  #take(content: Uint8Array, room: number): number {
    this.#urls?.add(content);
    return this.attachment?.content.add(content.subarray(0, room)) ?? 0;
  }
}
