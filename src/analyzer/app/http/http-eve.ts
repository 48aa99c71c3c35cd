// A transaction as EVE JSON's `http` object, with Suricata's extended fields.

import { eveText } from '../text.js';
import { Field } from './http-known-fields.js';
import type { HttpTransaction } from './http-transaction.js';

/** What Suricata calls the URI of a request that it did not see. */
const UNSEEN_URI = '/libhtp::request_uri_not_seen';

export function httpEve(tx: HttpTransaction): Record<string, unknown> {
  const { request, response, requestHeaders, responseHeaders, host } = tx;
  const status = statusOf(response?.code);
  return {
    ...text('hostname', host?.name),
    ...portOf(tx),
    ...text('url', request === undefined ? UNSEEN_URI : request.uri),
    ...text('http_user_agent', requestHeaders.get(Field.userAgent)),
    ...text('xff', requestHeaders.get(Field.forwardedFor)),
    ...text('http_content_type', responseHeaders.get(Field.contentType)?.split(';')[0]),
    ...contentRange(responseHeaders.get(Field.contentRange)),
    ...text('http_refer', requestHeaders.get(Field.referer)),
    ...text('http_method', request?.method),
    ...text('protocol', request?.protocol),
    ...(status !== undefined && { status }),
    ...(status !== undefined && status >= 300 && status < 400 && text('redirect', responseHeaders.get(Field.location))),
    length: tx.responseBody.length,
  };
}

/** As long as the request's fields are not whole, or where it has none, the port is undecided, which Suricata writes as 0. */
function portOf({ host, headersComplete, request }: HttpTransaction): Record<string, number> {
  if (host?.port !== undefined) return { http_port: host.port };
  const hasFields = headersComplete[0] && (host !== undefined || request?.protocol !== '');
  return hasFields ? {} : { http_port: 0 };
}

/** Empty is absent. */
function text(key: string, value: string | undefined): Record<string, string> {
  return value ? { [key]: eveText(value) } : {};
}

function statusOf(code: string | undefined): number | undefined {
  return code !== undefined && /^\d{3}$/.test(code) ? Number(code) : undefined;
}

function contentRange(raw: string | undefined): Record<string, unknown> {
  if (raw === undefined) return {};
  const [, start, end, size] = /^\s*bytes\s+(?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/.exec(raw) ?? [];
  return {
    content_range: {
      raw: eveText(raw),
      ...(start !== undefined && { start: Number(start), end: Number(end) }),
      ...(size !== undefined && size !== '*' && { size: Number(size) }),
    },
  };
}
