// HTTP/1 by its first bytes: a method that is registered (https://www.iana.org/assignments/http-methods) or common, and a
// space; or a status line.

import { Direction, Verdict } from '../app-types.js';
import { latin1 } from '../text.js';

const METHODS = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'],
  ...[
    'PROPFIND',
    'PROPPATCH',
    'MKCOL',
    'COPY',
    'MOVE',
    'LOCK',
    'UNLOCK',
    'SEARCH',
    'REPORT',
    'MERGE',
    'VERSION-CONTROL',
  ],
  ...[
    'CHECKOUT',
    'UNCHECKOUT',
    'CHECKIN',
    'UPDATE',
    'LABEL',
    'MKWORKSPACE',
    'MKACTIVITY',
    'BASELINE-CONTROL',
    'INVALID',
  ],
];

const STATUS = 'HTTP/';

/** A {@link Verdict}. Letters may be of either case. */
export function probeHttp(direction: number, bytes: Uint8Array): number {
  if (direction === Direction.toClient) return beginsWith(bytes, [STATUS]);
  return beginsWith(bytes, METHODS_WITH_SPACE);
}

const METHODS_WITH_SPACE = METHODS.flatMap((method) => [`${method} `, `${method}\t`]);
const LONGEST = Math.max(...METHODS_WITH_SPACE.map((text) => text.length));

/** Of methods, and of a status line, in either case. */
const FIRST_LETTERS = new Set(
  [...METHODS, STATUS].flatMap(([first = '']) => [...Buffer.from(first + first.toLowerCase())]),
);

function beginsWith(bytes: Uint8Array, texts: readonly string[]): number {
  if (!FIRST_LETTERS.has(bytes[0]!)) return Verdict.no;
  const head = latin1(bytes, 0, Math.min(bytes.length, LONGEST)).toUpperCase();
  if (texts.some((text) => head.startsWith(text))) return Verdict.yes;
  return texts.some((text) => text.startsWith(head)) ? Verdict.needsMore : Verdict.no;
}
