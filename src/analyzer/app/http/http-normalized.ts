// The fields of a message as rules see them (`http.header`): `Name: value`, without cookies, which have buffers of their own.
// Lines that look so already, as nearly all do, are taken over as they are.

import type { HttpField } from './http-field-list.js';
import { type HttpHeaders, isSpace } from './http-headers.js';
import { Field, knownField } from './http-known-fields.js';

/** So many names are held against each other; of messages with more fields a list is made. */
const MAX_NAMES = 64;
const COLON = 58;
const SPACE = 32;

/** Hashes of the names of the message that is looked at. */
const names = new Int32Array(MAX_NAMES);

export function normalizedHeader(headers: HttpHeaders): string {
  const { raw } = headers;
  return takenOver(raw) ?? headers.fields.filter(isNoCookie).map(lineOf).join('');
}

function isNoCookie({ name }: HttpField): boolean {
  return !/^(set-)?cookie$/i.test(name);
}

function lineOf({ name, value }: HttpField): string {
  return `${name}: ${value}\r\n`;
}

/** Undefined: some field may be repeated or folded, or is none. */
function takenOver(raw: string): string | undefined {
  let text = '';
  let from = 0;
  let count = 0;
  for (let start = 0; start < raw.length; count++) {
    const end = raw.indexOf('\n', start) - 1;
    const colon = colonOf(raw, start, end);
    if (colon < 0 || !isNews(raw, start, colon, count)) return undefined;
    const field = knownField(raw, start, colon);
    if (field === Field.cookie || field === Field.setCookie || !isNormal(raw, colon, end)) {
      text += raw.slice(from, start);
      from = end + 2;
      if (field !== Field.cookie && field !== Field.setCookie)
        text += lineOf({ name: raw.slice(start, colon), value: raw.slice(colon + 1, end).trim() });
    }
    start = end + 2;
  }
  return text + raw.slice(from);
}

/** -1: there is none, or something odd before it. */
function colonOf(raw: string, start: number, end: number): number {
  let at = start;
  while (at < end && raw.charCodeAt(at) !== COLON) if (isSpace(raw.charCodeAt(at++))) return -1;
  return at > start && at < end ? at : -1;
}

/** Whether no name before this one has the same hash; keeps it. */
function isNews(raw: string, start: number, colon: number, count: number): boolean {
  if (count >= MAX_NAMES) return false;
  let hash = 0;
  // Letters of either case have the same five bits.
  for (let i = start; i < colon; i++) hash = (Math.imul(hash, 31) + (raw.charCodeAt(i) & 31)) | 0;
  for (let i = 0; i < count; i++) if (names[i] === hash) return false;
  names[count] = hash;
  return true;
}

/** A space behind the colon, and a value without any around it. */
function isNormal(raw: string, colon: number, end: number): boolean {
  if (end - colon < 3 || raw.charCodeAt(colon + 1) !== SPACE) return false;
  return !isSpace(raw.charCodeAt(colon + 2)) && !isSpace(raw.charCodeAt(end - 1));
}
