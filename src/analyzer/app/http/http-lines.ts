// The first lines of messages: of what they consist, and whether they are just as the standard has them (RFC 9112, sections 3
// and 4). Those that are take one look at each letter; what is odd is taken apart as libhtp does.

import { isSpace } from './http-headers.js';

/** The first line of a request; a character per byte. */
export interface HttpRequestLine {
  readonly line: string;
  readonly method: string;
  readonly uri: string;
  /** `HTTP/1.1`; empty where the line has none. */
  readonly protocol: string;
  /** Three words with a space between two. */
  readonly isPlain: boolean;
}

/** The first line of a response. */
export interface HttpStatusLine {
  readonly line: string;
  readonly protocol: string;
  readonly code: string;
  readonly message: string;
}

const SPACE = 32;

/** A line without a protocol is one of HTTP/0.9. */
export function readRequestLine(line: string): HttpRequestLine {
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  if (isThreeWords(line, first, last)) {
    const protocol = line.endsWith(' HTTP/1.1') ? 'HTTP/1.1' : line.slice(last + 1);
    return { line, method: line.slice(0, first), uri: line.slice(first + 1, last), protocol, isPlain: true };
  }
  const [, method = '', uri = '', protocol = ''] = /^\s*(\S*)\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
  return { line, method, uri, protocol, isPlain: false };
}

function isThreeWords(line: string, first: number, last: number): boolean {
  if (first <= 0 || last <= first + 1 || last === line.length - 1) return false;
  for (let i = 0; i < line.length; i++) {
    if (isSpace(line.charCodeAt(i)) && i !== first && i !== last) return false;
  }
  return true;
}

const PLAIN_STATUS = 'HTTP/1.1 200 '.length;

/** Undefined: it does not begin with a protocol. */
export function readStatusLine(line: string): HttpStatusLine | undefined {
  if (isPlainStatus(line)) {
    const code = line.slice(9, 12);
    return { line, protocol: line.slice(0, 8), code, message: line.slice(PLAIN_STATUS) };
  }
  const [, protocol, code = '', message = ''] = /^\s*(HTTP\/[\d.]+)\s*(\S*)\s*(.*?)\s*$/i.exec(line) ?? [];
  return protocol === undefined ? undefined : { line, protocol, code, message };
}

/** `HTTP/1.1 200 OK`: a message without spaces around it. */
function isPlainStatus(line: string): boolean {
  if (line.length <= PLAIN_STATUS || !line.startsWith('HTTP/1.')) return false;
  if (!isDigit(line, 7) || line.charCodeAt(8) !== SPACE || line.charCodeAt(12) !== SPACE) return false;
  if (!isDigit(line, 9) || !isDigit(line, 10) || !isDigit(line, 11)) return false;
  if (isSpace(line.charCodeAt(PLAIN_STATUS)) || isSpace(line.charCodeAt(line.length - 1))) return false;
  for (let i = PLAIN_STATUS; i < line.length; i++) if (line.charCodeAt(i) < SPACE) return false;
  return true;
}

function isDigit(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code >= 48 && code <= 57;
}
