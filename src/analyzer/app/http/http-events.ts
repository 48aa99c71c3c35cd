// What is wrong with the header of an HTTP message, by Suricata's names of its events (http-events.rules).

import type { HttpHeaders } from './http-headers.js';
import { authorityOf, readHost } from './http-host.js';
import type { HttpRequestLine, HttpTransaction } from './http-transaction.js';

/** Kinds of credentials that are known (RFC 7617, RFC 7616, RFC 6750). */
const AUTHORIZATION = /^\s*(?:basic|digest|bearer)\b/i;
const CHUNKED = /(?:^|,)\s*chunked\s*$/i;
const CONTENT_RANGE = /^\s*bytes\s+(?:\*|(\d+)-(\d+))\/(?:\*|(\d+))\s*$/i;
const MAX_FIELDS = 1024;
const HOST_NAME = /^(?:\[[\da-f:.%]+\]|(?=.{1,255}$)[\w-]{1,63}(?:\.[\w-]{1,63})*\.?)$/;
const CODINGS = /^\s*(?:gzip|x-gzip|deflate|x-deflate|lzma|inflate|none|identity|br|)\s*$/i;
/** Suricata's response-body-decompress-layer-limit. */
const MAX_LAYERS = 2;
const MAX_PORT = 65_535;

/** Events of a request whose header is whole. */
export function requestEvents({ request, requestHeaders: headers }: HttpTransaction): string[] {
  const { line, protocol } = request!;
  const encoding = headers.get('transfer-encoding');
  const authorization = headers.get('authorization');
  return namesOf({
    ...hostEvents(request!, headers),
    request_line_leading_whitespace: /^\s/.test(line),
    method_delim_non_compliant: /^\s*\S+[^\S ]/.test(line),
    uri_delim_non_compliant: protocol !== '' && /^\s*\S+\s+\S+[^\S ]/.test(line),
    invalid_request_field_folding: headers.beginsFolded,
    missing_host_header: protocol === 'HTTP/1.1' && headers.get('host') === undefined,
    request_auth_unrecognized: authorization !== undefined && !AUTHORIZATION.test(authorization),
    duplicate_content_length_field_in_request: headers.get('content-length')?.includes(',') === true,
    invalid_transfer_encoding_value_in_request: encoding !== undefined && !/chunked/i.test(encoding),
    request_too_many_headers: headers.fields.length >= MAX_FIELDS,
  });
}

/** Events of a response whose header is whole. */
export function responseEvents({ response, responseHeaders: headers }: HttpTransaction): string[] {
  const { protocol, code } = response!;
  const encoding = headers.get('transfer-encoding');
  const coding = headers.get('content-encoding')?.split(',') ?? [];
  const range = headers.get('content-range');
  return namesOf({
    invalid_response_field_folding: headers.beginsFolded,
    response_invalid_protocol: !/^HTTP\/\d\.\d$/.test(protocol),
    response_invalid_status: !/^[1-9]\d\d$/.test(code),
    response_multipart_byteranges: /^\s*multipart\/byteranges/i.test(headers.get('content-type') ?? ''),
    response_chunked_old_proto: encoding !== undefined && CHUNKED.test(encoding) && protocol !== 'HTTP/1.1',
    response_abnormal_transfer_encoding: encoding !== undefined && /chunked./i.test(encoding.trim()),
    invalid_transfer_encoding_value_in_response: encoding !== undefined && !/chunked/i.test(encoding),
    duplicate_content_length_field_in_response: headers.get('content-length')?.includes(',') === true,
    abnormal_ce_header: coding.some((name) => !CODINGS.test(name)),
    too_many_encoding_layers: coding.length > MAX_LAYERS,
    range_invalid: range !== undefined && !isRange(range),
    response_too_many_headers: headers.fields.length >= MAX_FIELDS,
  });
}

/** What CONNECT names is an authority, whatever it looks like. */
function hostEvents({ method, uri }: HttpRequestLine, headers: HttpHeaders): Record<string, boolean> {
  const field = headers.get('host');
  const named = method === 'CONNECT' ? uri : authorityOf(method, uri);
  const host = readHost(field);
  const authority = readHost(named);
  return {
    request_header_host_invalid: host !== undefined && !HOST_NAME.test(host.name),
    request_uri_host_invalid: authority !== undefined && !HOST_NAME.test(authority.name),
    host_header_ambiguous: host !== undefined && authority !== undefined && host.name !== authority.name,
    invalid_server_port_in_request: hasOddPort(field),
    invalid_authority_port: hasOddPort(named),
  };
}

/** Behind the last colon that is not an IPv6 address's. */
function hasOddPort(authority: string | undefined): boolean {
  const port = /:([^:\]]*)$/.exec(authority?.trim() ?? '')?.[1];
  return port !== undefined && port !== '' && !(/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) <= MAX_PORT);
}

function isRange(text: string): boolean {
  const match = CONTENT_RANGE.exec(text);
  if (match === null) return false;
  const [, first, last, size] = match;
  if (first === undefined) return true;
  return BigInt(first) <= BigInt(last!) && (size === undefined || BigInt(last!) < BigInt(size));
}

function namesOf(conditions: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(conditions).filter((name) => conditions[name]);
}
