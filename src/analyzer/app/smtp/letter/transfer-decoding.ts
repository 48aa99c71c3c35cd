// Takes the encoding off the lines of a letter's part (RFC 2045, section 6). What contradicts its encoding is passed over, as
// mail programs do. Nothing but an incomplete group of base64 is kept from line to line.

import { bytesOf, latin1 } from '../../text.js';

/** Of one part. */
export interface TransferDecoder {
  /** The bytes of a line without its end, or of a piece of a line; valid as long as those are. */
  decode(line: Uint8Array, isWhole: boolean): Uint8Array;
  /** Whether the end of that line is part of the content. */
  readonly keepsEnd: boolean;
}

/** What a Content-Transfer-Encoding asks for; what is unknown is taken for no encoding. */
export function transferDecoder(encoding = ''): TransferDecoder {
  const name = encoding.toLowerCase();
  if (name.includes('base64')) return new Base64();
  return name.includes('quoted-printable') ? new QuotedPrintable() : PLAIN;
}

const PLAIN: TransferDecoder = { keepsEnd: true, decode: (line) => line };
const GROUP = 4;

class Base64 implements TransferDecoder {
  readonly keepsEnd = false;
  #rest = '';

  /** Behind padding something new may begin, as in parts that were put together. */
  decode(line: Uint8Array): Uint8Array {
    const pieces = latin1(line).split(/=+/);
    const decoded = pieces.map((piece, i) => this.#decodePiece(piece, i < pieces.length - 1));
    return decoded.length === 1 ? decoded[0]! : Buffer.concat(decoded);
  }

  #decodePiece(piece: string, isPadded: boolean): Uint8Array {
    const text = this.#rest + piece.replace(/[^A-Za-z0-9+/]/g, '');
    const length = isPadded ? text.length : text.length - (text.length % GROUP);
    this.#rest = text.slice(length);
    return Buffer.from(text.slice(0, length), 'base64');
  }
}

/** Blanks at a line's end were added on the way, and `=` there joins it with the next. */
class QuotedPrintable implements TransferDecoder {
  keepsEnd = true;

  decode(line: Uint8Array, isWhole: boolean): Uint8Array {
    const text = isWhole ? latin1(line).replace(/[ \t]+$/, '') : latin1(line);
    this.keepsEnd = !(isWhole && text.endsWith('='));
    const joined = this.keepsEnd ? text : text.slice(0, -1);
    return bytesOf(joined.replace(/=([0-9a-fA-F]{2})/g, (_, digits: string) => fromHex(digits)));
  }
}

function fromHex(digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}
