// The sticky buffers of the rules' language in an HTTP transaction
// (https://docs.suricata.io, "HTTP Keywords").

import { bytesOf } from '../text.js';
import type { HttpField } from './http-field-list.js';
import { fileNames } from './http-file-names.js';
import type { HttpHeaders } from './http-headers.js';
import { Field } from './http-known-fields.js';
import { normalizedHeader } from './http-normalized.js';
import type { HttpTransaction } from './http-transaction.js';
import { normalizedUri } from './http-uri.js';

const NONE: readonly Uint8Array[] = [];

export function httpBuffers(tx: HttpTransaction, name: string, direction: number): readonly Uint8Array[] {
  if (BODIES[direction]!.includes(name)) return bodyOf(tx, direction);
  if (name === 'file.name') return fileNames(tx, direction);
  if (!tx.headersComplete[direction] && NEED_HEADERS.has(name)) return NONE;
  const list = FIELD_LISTS[direction]![name];
  if (list) return tx.headers(direction).fields.map((field) => bytesOf(`${field.name}: ${field.value}`));
  const text = TEXTS[direction]![name]?.(tx);
  return text === undefined ? NONE : [bytesOf(text)];
}

const BODIES: readonly (readonly string[])[] = [
  ['http.request_body', 'file.data'],
  ['http.response_body', 'file.data'],
];

const FIELD_LISTS: readonly Readonly<Record<string, true>>[] = [
  { 'http.request_header': true },
  { 'http.response_header': true },
];

type TextOf = (tx: HttpTransaction) => string | undefined;

const REQUEST_TEXTS: Readonly<Record<string, TextOf>> = {
  'http.method': (tx) => tx.request?.method,
  'http.uri': (tx) => tx.request && normalizedUri(tx.request.uri),
  'http.uri.raw': (tx) => tx.request?.uri,
  'http.protocol': (tx) => tx.request?.protocol,
  'http.request_line': (tx) => tx.request?.line,
  'http.host': (tx) => tx.host?.name,
  'http.host.raw': (tx) => tx.requestHeaders.get(Field.host),
  'http.user_agent': requestField(Field.userAgent),
  'http.referer': requestField(Field.referer),
  'http.cookie': requestField(Field.cookie),
  'http.accept': requestField(Field.accept),
  'http.accept_enc': requestField(Field.acceptEncoding),
  'http.accept_lang': requestField(Field.acceptLanguage),
  ...fieldsOf((tx) => tx.requestHeaders),
  'http.start': (tx) => tx.request && startOf(tx.request.line, tx.requestHeaders),
};

const RESPONSE_TEXTS: Readonly<Record<string, TextOf>> = {
  'http.stat_code': (tx) => tx.response?.code,
  'http.stat_msg': (tx) => tx.response?.message,
  'http.protocol': (tx) => tx.response?.protocol,
  'http.response_line': (tx) => tx.response?.line,
  'http.server': (tx) => tx.responseHeaders.get(Field.server),
  'http.location': (tx) => tx.responseHeaders.get(Field.location),
  'http.cookie': (tx) => tx.responseHeaders.get(Field.setCookie),
  ...fieldsOf((tx) => tx.responseHeaders),
  'http.start': (tx) => tx.response && startOf(tx.response.line, tx.responseHeaders),
};

const TEXTS = [REQUEST_TEXTS, RESPONSE_TEXTS];

/** What the fields that both messages have give. */
function fieldsOf(headers: (tx: HttpTransaction) => HttpHeaders): Record<string, TextOf> {
  return {
    'http.header': (tx) => normalizedHeader(headers(tx)) || undefined,
    'http.header.raw': (tx) => `${headers(tx).raw}\r\n`,
    'http.header_names': (tx) => (headers(tx).fields.length > 0 ? namesOf(headers(tx).fields) : undefined),
    'http.connection': (tx) => headers(tx).get(Field.connection),
    'http.content_type': (tx) => headers(tx).get(Field.contentType),
    'http.content_len': (tx) => headers(tx).get(Field.contentLength),
  };
}

/** Everything but the first lines is known once the empty line was seen. */
const NEED_HEADERS = new Set(
  [...Object.keys(REQUEST_TEXTS), ...Object.keys(RESPONSE_TEXTS), 'http.request_header', 'http.response_header'].filter(
    (name) => !/^http\.(method|uri|protocol|request_line|response_line|stat_)/.test(name),
  ),
);

function requestField(field: number): TextOf {
  return (tx) => tx.requestHeaders.get(field);
}

function namesOf(fields: readonly HttpField[]): string {
  return `\r\n${fields.map(({ name }) => `${name}\r\n`).join('')}\r\n`;
}

function startOf(line: string, { raw }: HttpHeaders): string {
  return `${line}\r\n${raw}\r\n`;
}

function bodyOf(tx: HttpTransaction, direction: number): readonly Uint8Array[] {
  const bytes = tx.body(direction).bytes(tx.encoding(direction));
  return bytes.length === 0 ? NONE : [bytes];
}
