// How long a message's body is, by its header (RFC 9112, section 6.3).

import type { BodyKind } from './http-framing.js';
import type { HttpHeaders } from './http-headers.js';

/** As many digits as a number holds exactly. */
const MAX_DIGITS = 15;

/** What the header says of the length; undefined: nothing. 'invalid': a length that is none. */
export function bodyKindOf(headers: HttpHeaders): BodyKind | 'invalid' | undefined {
  if (/(?:^|,)\s*chunked\s*$/i.test(headers.get('transfer-encoding') ?? '')) return { kind: 'chunked' };
  const length = headers.get('content-length');
  if (length === undefined) return undefined;
  const [, digits] = /^\s*0*(\d*)\s*(?:,|$)/.exec(length) ?? [];
  if (digits === undefined || length.trim() === '' || digits.length > MAX_DIGITS) return 'invalid';
  const bytes = Number(digits);
  return bytes === 0 ? { kind: 'none' } : { kind: 'length', bytes };
}
