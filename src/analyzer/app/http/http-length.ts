// How long a message's body is, by its header (RFC 9112, section 6.3).

import type { HttpHeaders } from './http-headers.js';
import { Field } from './http-known-fields.js';

/**
 * How the body behind a header is framed, as a number: above 0 is its length in bytes. `unsaid`: the header says nothing of
 * it; `invalid`: a length that is none.
 */
export const BodyLength = { none: 0, chunked: -1, untilClose: -2, ignored: -3, unsaid: -4, invalid: -5 } as const;

/** As many digits as a number holds exactly. */
const MAX_DIGITS = 15;

/** What the header says: a {@link BodyLength}, or bytes. */
export function bodyLengthOf(headers: HttpHeaders): number {
  const encoding = headers.get(Field.transferEncoding);
  if (encoding !== undefined && /(?:^|,)\s*chunked\s*$/i.test(encoding)) return BodyLength.chunked;
  const length = headers.get(Field.contentLength);
  return length === undefined ? BodyLength.unsaid : bytesIn(length);
}

function bytesIn(text: string): number {
  const plain = plainNumber(text);
  if (plain >= 0) return plain;
  const [, digits] = /^\s*0*(\d*)\s*(?:,|$)/.exec(text) ?? [];
  if (digits === undefined || text.trim() === '' || digits.length > MAX_DIGITS) return BodyLength.invalid;
  return Number(digits);
}

/** Digits and nothing else; -1: more than that, or too many. */
function plainNumber(text: string): number {
  if (text === '' || text.length > MAX_DIGITS) return -1;
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = 10 * number + digit;
  }
  return number;
}
