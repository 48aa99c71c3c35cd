// The links of a letter's text, as Suricata finds them: what follows `http://` up to a blank, a quote or a bracket, in lower
// case, once in each part, the last one first.

import { LineReader } from '../../line-reader.js';
import { latin1 } from '../../text.js';

const MAX_LINE_BYTES = 2048;
/** In one part. */
const MAX_URLS = 64;
const URL = /http:\/\/([^\s"'<>\]\0]+)/gi;

/** One for each part with text. */
export class UrlFinder {
  readonly urls: string[] = [];
  readonly #lines = new LineReader(MAX_LINE_BYTES);

  /** Takes the next bytes of the text. */
  add(bytes: Uint8Array): void {
    this.#lines.read(bytes, (line) => this.#look(latin1(line)));
  }

  /** The text is over. */
  end(): void {
    this.add(LINE_END);
  }

  #look(line: string): boolean {
    for (const [, found = ''] of line.matchAll(URL)) {
      const url = found.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
      if (this.urls.length < MAX_URLS && !this.urls.includes(url)) this.urls.unshift(url);
    }
    return true;
  }
}

const LINE_END = Uint8Array.of(10);
const PROGRAM = /^[^/]+\/.*\.(?:exe|vbs|bin|cmd|bat|jar|js)(?:[/?#]|$)/;

/** Whether it asks for a program. */
export function isProgramUrl(url: string): boolean {
  return PROGRAM.test(url);
}
