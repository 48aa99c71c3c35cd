// What is wrong with the header of an HTTP message, by Suricata's names of its events (http-events.rules).

import type { HttpHeaders } from './http-headers.js';
import { authorityOf, readHost } from './http-host.js';
import { Field } from './http-known-fields.js';
import type { HttpTransaction } from './http-transaction.js';

/** Kinds of credentials that are known (RFC 7617, RFC 7616, RFC 6750). */
const AUTHORIZATION = /^\s*(?:basic|digest|bearer)\b/i;
const CHUNKED = /(?:^|,)\s*chunked\s*$/i;
const CONTENT_RANGE = /^\s*bytes\s+(?:\*|(\d+)-(\d+))\/(?:\*|(\d+))\s*$/i;
const CODINGS = /^\s*(?:gzip|x-gzip|deflate|x-deflate|lzma|inflate|none|identity|br|)\s*$/i;
/** Suricata's response-body-decompress-layer-limit. */
const MAX_LAYERS = 2;
const MAX_PORT = 65_535;

const NONE: readonly string[] = [];

/** Events of a request whose header is whole. */
export function requestEvents(tx: HttpTransaction): readonly string[] {
  const { request, requestHeaders: headers } = tx;
  const { line, protocol, isPlain } = request!;
  const encoding = headers.get(Field.transferEncoding);
  const authorization = headers.get(Field.authorization);
  let events = hostEvents(tx);
  if (!isPlain) {
    events = noted(events, 'request_line_leading_whitespace', /^\s/.test(line));
    events = noted(events, 'method_delim_non_compliant', /^\s*\S+[^\S ]/.test(line));
    const isOdd = protocol !== '' && /^\s*\S+\s+\S+[^\S ]/.test(line);
    events = noted(events, 'uri_delim_non_compliant', isOdd);
  }
  events = noted(events, 'invalid_request_field_folding', headers.beginsFolded);
  const isMissing = headers.get(Field.host) === undefined && protocol === 'HTTP/1.1';
  events = noted(events, 'missing_host_header', isMissing);
  const isUnknown = authorization !== undefined && !AUTHORIZATION.test(authorization);
  events = noted(events, 'request_auth_unrecognized', isUnknown);
  events = noted(events, 'duplicate_content_length_field_in_request', hasTwoLengths(headers));
  const isOther = encoding !== undefined && !/chunked/i.test(encoding);
  events = noted(events, 'invalid_transfer_encoding_value_in_request', isOther);
  return noted(events, 'request_too_many_headers', headers.isFull);
}

/** Events of a response whose header is whole. */
export function responseEvents({ response, responseHeaders: headers }: HttpTransaction): readonly string[] {
  const { protocol, code } = response!;
  let events = noted(NONE, 'invalid_response_field_folding', headers.beginsFolded);
  events = noted(events, 'response_invalid_protocol', protocol !== 'HTTP/1.1' && !/^HTTP\/\d\.\d$/.test(protocol));
  events = noted(events, 'response_invalid_status', code !== '200' && !/^[1-9]\d\d$/.test(code));
  const type = headers.get(Field.contentType);
  const hasParts = type !== undefined && /^\s*multipart\/byteranges/i.test(type);
  events = noted(events, 'response_multipart_byteranges', hasParts);
  events = encodingEvents(events, headers.get(Field.transferEncoding), protocol);
  events = noted(events, 'duplicate_content_length_field_in_response', hasTwoLengths(headers));
  events = codingEvents(events, headers.get(Field.contentEncoding));
  const range = headers.get(Field.contentRange);
  events = noted(events, 'range_invalid', range !== undefined && !isRange(range));
  return noted(events, 'response_too_many_headers', headers.isFull);
}

function encodingEvents(before: readonly string[], encoding: string | undefined, protocol: string): readonly string[] {
  if (encoding === undefined) return before;
  const isOld = CHUNKED.test(encoding) && protocol !== 'HTTP/1.1';
  let events = noted(before, 'response_chunked_old_proto', isOld);
  events = noted(events, 'response_abnormal_transfer_encoding', /chunked./i.test(encoding.trim()));
  return noted(events, 'invalid_transfer_encoding_value_in_response', !/chunked/i.test(encoding));
}

function codingEvents(before: readonly string[], coding: string | undefined): readonly string[] {
  if (coding === undefined) return before;
  const names = coding.split(',');
  const isOdd = names.some((name) => !CODINGS.test(name));
  return noted(noted(before, 'abnormal_ce_header', isOdd), 'too_many_encoding_layers', names.length > MAX_LAYERS);
}

/** What CONNECT names is an authority, whatever it looks like. */
function hostEvents(tx: HttpTransaction): readonly string[] {
  const { method, uri } = tx.request!;
  const field = tx.requestHeaders.get(Field.host);
  const host = tx.namedHost;
  const named = method === 'CONNECT' ? uri : authorityOf(method, uri);
  const authority = readHost(named);
  let events = noted(NONE, 'request_header_host_invalid', host?.isValid === false);
  events = noted(events, 'request_uri_host_invalid', authority?.isValid === false);
  const isOther = host !== undefined && authority !== undefined && host.name !== authority.name;
  events = noted(events, 'host_header_ambiguous', isOther);
  events = noted(events, 'invalid_server_port_in_request', hasOddPort(field));
  return noted(events, 'invalid_authority_port', hasOddPort(named));
}

function hasTwoLengths(headers: HttpHeaders): boolean {
  return headers.get(Field.contentLength)?.includes(',') === true;
}

/** Behind the last colon that is not an IPv6 address's. */
function hasOddPort(authority: string | undefined): boolean {
  if (authority === undefined || !authority.includes(':')) return false;
  const port = /:([^:\]]*)$/.exec(authority.trim())?.[1];
  return port !== undefined && port !== '' && !(/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) <= MAX_PORT);
}

function isRange(text: string): boolean {
  const match = CONTENT_RANGE.exec(text);
  if (match === null) return false;
  const [, first, last, size] = match;
  if (first === undefined) return true;
  return BigInt(first) <= BigInt(last!) && (size === undefined || BigInt(last!) < BigInt(size));
}

/** Nearly always there are none, and nothing is made. */
function noted(events: readonly string[], name: string, isSo: boolean): readonly string[] {
  return isSo ? [...events, name] : events;
}
