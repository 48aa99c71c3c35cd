// Connections of HTTP/1.1 (RFC 9112): one to five requests, pages of text of up to 20 KB.

import { text, word } from './words.js';

const BROWSERS = ['Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0', 'curl/8.5.0', 'Wget/1.21.4'];
const METHODS = ['GET', 'GET', 'GET', 'POST'];
const STATUSES = ['200 OK', '200 OK', '200 OK', '304 Not Modified', '404 Not Found'];

/** @param {(below: number) => number} random @returns {Iterable<import('./conversation.js').Message>} */
export function* httpMessages(random) {
  const host = `${word(random)}.${word(random)}.example`;
  const requests = 1 + random(5);
  for (let i = 0; i < requests; i++) {
    yield { from: 0, bytes: request(host, random) };
    yield { from: 1, bytes: response(random) };
  }
}

/** @param {string} host @param {(below: number) => number} random */
function request(host, random) {
  const method = METHODS[random(METHODS.length)];
  const body = method === 'POST' ? Buffer.from(`user=${word(random)}&token=${word(random)}${random(10_000)}`) : '';
  return message(
    [
      `${method} /${word(random)}/${word(random)}.php?id=${random(10_000)}&q=${word(random)} HTTP/1.1`,
      `Host: ${host}`,
      `User-Agent: ${BROWSERS[random(BROWSERS.length)]}`,
      'Accept: text/html,application/xhtml+xml,*/*;q=0.8',
      'Accept-Language: en-US,en;q=0.5',
      `Referer: http://${host}/${word(random)}`,
      `Cookie: session=${word(random)}${random(100_000)}`,
      ...(body === '' ? [] : ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`]),
    ],
    body,
  );
}

/** @param {(below: number) => number} random */
function response(random) {
  const status = STATUSES[random(STATUSES.length)];
  const hasBody = !status.startsWith('304');
  const body = hasBody ? text(random, 200 + random(20_000)) : '';
  return message(
    [
      `HTTP/1.1 ${status}`,
      'Server: nginx/1.24.0',
      'Date: Tue, 14 Nov 2023 22:13:20 GMT',
      'Connection: keep-alive',
      ...(hasBody ? ['Content-Type: text/html; charset=utf-8', `Content-Length: ${body.length}`] : []),
    ],
    body,
  );
}

/** @param {string[]} head @param {string | Uint8Array} body */
function message(head, body) {
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
}
