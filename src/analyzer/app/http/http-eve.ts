// A transaction as EVE JSON's `http` object, with Suricata's extended fields.

import type { EveWriter } from '../../eve/eve-writer.js';
import { writeMember } from '../../eve/flow-head.js';
import { Fragment } from '../../eve/fragment.js';
import { eveText } from '../text.js';
import { Field } from './http-known-fields.js';
import type { HttpTransaction } from './http-transaction.js';

/** What Suricata calls the URI of a request that it did not see. */
const UNSEEN_URI = '/libhtp::request_uri_not_seen';

const HTTP = new Fragment('"http":{');
const HOSTNAME = new Fragment('"hostname":');
const PORT = new Fragment('"http_port":');
const URL = new Fragment('"url":');
const USER_AGENT = new Fragment('"http_user_agent":');
const FORWARDED_FOR = new Fragment('"xff":');
const CONTENT_TYPE = new Fragment('"http_content_type":');
const REFERER = new Fragment('"http_refer":');
const METHOD = new Fragment('"http_method":');
const PROTOCOL = new Fragment('"protocol":');
const STATUS = new Fragment('"status":');
const REDIRECT = new Fragment('"redirect":');
const LENGTH = new Fragment('"length":');

export function writeHttp(out: EveWriter, tx: HttpTransaction): void {
  const { request, response, requestHeaders, responseHeaders, host } = tx;
  const status = statusOf(response?.code);
  out.put(HTTP);
  writeText(out, HOSTNAME, host?.name);
  if (host?.port !== undefined) writeMember(out, PORT, host.port);
  else if (!isPortKnown(tx, host !== undefined)) writeMember(out, PORT, 0);
  writeText(out, URL, request === undefined ? UNSEEN_URI : request.uri);
  writeText(out, USER_AGENT, requestHeaders.get(Field.userAgent));
  writeText(out, FORWARDED_FOR, requestHeaders.get(Field.forwardedFor));
  writeText(out, CONTENT_TYPE, withoutParameters(responseHeaders.get(Field.contentType)));
  writeRange(out, responseHeaders.get(Field.contentRange));
  writeText(out, REFERER, requestHeaders.get(Field.referer));
  writeText(out, METHOD, request?.method);
  writeText(out, PROTOCOL, request?.protocol);
  if (status >= 0) writeMember(out, STATUS, status);
  if (status >= 300 && status < 400) writeText(out, REDIRECT, responseHeaders.get(Field.location));
  writeMember(out, LENGTH, tx.responseBody.length);
  out.closeObject();
  out.comma();
}

/** As long as the request's fields are not whole, or where it has none, the port is undecided, which Suricata writes as 0. */
function isPortKnown({ headersComplete, request }: HttpTransaction, hasHost: boolean): boolean {
  return headersComplete[0]! && (hasHost || request?.protocol !== '');
}

/** Empty is absent. */
function writeText(out: EveWriter, key: Fragment, value: string | undefined): void {
  if (value === undefined || value === '') return;
  out.put(key);
  out.latin1(value);
  out.comma();
}

function withoutParameters(type: string | undefined): string | undefined {
  const end = type?.indexOf(';') ?? -1;
  return end < 0 ? type : type!.slice(0, end);
}

/** -1: there is none of three digits. */
function statusOf(code: string | undefined): number {
  return code !== undefined && /^\d{3}$/.test(code) ? Number(code) : -1;
}

function writeRange(out: EveWriter, raw: string | undefined): void {
  if (raw === undefined) return;
  const [, start, end, size] = /^\s*bytes\s+(?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/.exec(raw) ?? [];
  out.members({
    content_range: {
      raw: eveText(raw),
      ...(start !== undefined && { start: Number(start), end: Number(end) }),
      ...(size !== undefined && size !== '*' && { size: Number(size) }),
    },
  });
}
