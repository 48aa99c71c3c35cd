import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bufferText, say, start, type Talk, talk } from '../../support/app-talk.js';

const GET: Talk = [
  ['>', 'GET /a%41?q=1 HTTP/1.1\r\nHost: Example.COM:8080\r\nUser-Agent: test\r\nReferer: http://r/\r\n\r\n'],
  ['<', 'HTTP/1.1 302 Found\r\nContent-Type: text/html; charset=x\r\nLocation: /b\r\nContent-Length: 5\r\n\r\nhello'],
];

describe('HTTP/1', () => {
  it('is told as Suricata tells it', () => {
    expect(talk(GET).events).toEqual([
      {
        http: {
          hostname: 'example.com',
          http_port: 8080,
          url: '/a%41?q=1',
          http_user_agent: 'test',
          http_content_type: 'text/html',
          http_refer: 'http://r/',
          http_method: 'GET',
          protocol: 'HTTP/1.1',
          status: 302,
          redirect: '/b',
          length: 5,
        },
      },
    ]);
  });

  it.each([1, 2, 3, 7])('is the same in pieces of %i bytes', (pieceBytes) => {
    expect(talk(GET, { pieceBytes }).events).toEqual(talk(GET).events);
  });

  it('fills the buffers of rules', () => {
    const [tx] = talk(GET, { wantsBodies: true }).transactions;
    expect(bufferText(tx!, 'http.uri', 0)).toBe('/aA?q=1');
    expect(bufferText(tx!, 'http.uri.raw', 0)).toBe('/a%41?q=1');
    expect(bufferText(tx!, 'http.host', 0)).toBe('example.com');
    expect(bufferText(tx!, 'http.header_names', 0)).toBe('\r\nHost\r\nUser-Agent\r\nReferer\r\n\r\n');
    expect(bufferText(tx!, 'http.stat_code', 1)).toBe('302');
    expect(bufferText(tx!, 'file.data', 1)).toBe('hello');
    expect(tx!.buffers('http.uri', 1)).toEqual([]);
    expect(tx!.buffers('http.nonsense', 0)).toEqual([]);
  });

  it.each([
    ['/a/./b/../c', '/a/c'],
    ['//a\\b', '/a/b'],
    ['http://h:1/p?x=%2e', '/p?x=.'],
    ['/..', '/'],
    ['/%zz%4', '/%zz%4'],
  ])('normalizes the URI %s to %s', (uri, normalized) => {
    const [tx] = talk([['>', `GET ${uri} HTTP/1.0\r\n\r\n`]]).transactions;
    expect(bufferText(tx!, 'http.uri', 0)).toBe(normalized);
  });

  it('unpacks bodies for rules, and keeps none without them', () => {
    const body = gzipSync('secret words');
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
    const messages: Talk = [
      ['>', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['<', Buffer.concat([Buffer.from(head), body])],
    ];
    const [tx] = talk(messages, { wantsBodies: true }).transactions;
    expect(bufferText(tx!, 'http.response_body', 1)).toBe('secret words');
    expect(talk(messages).transactions[0]!.buffers('file.data', 1)).toEqual([]);
  });

  it('lets rules look at what came of a body that never becomes whole', () => {
    const looks: (string | undefined)[] = [];
    const told = start({ wantsBodies: true, transaction: (tx) => looks.push(bufferText(tx, 'file.data', 1)) });
    say(told.app, 0, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    say(told.app, 1, 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe beginning');
    expect(looks).not.toContain('the beginning');
    told.app.close();
    expect(looks.at(-1)).toBe('the beginning');
  });

  it('keeps only the beginning of a long body, and does not let a bomb unfold', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const told = start({ wantsBodies: true });
    say(told.app, 0, 'GET / HTTP/1.0\r\n\r\n');
    say(told.app, 1, 'HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n');
    say(told.app, 1, bomb);
    const [kept] = told.transactions[0]!.buffers('file.data', 1);
    expect(kept!.length).toBeLessThanOrEqual(1_048_576);
    say(told.app, 1, Buffer.alloc(1_000_000));
    expect(told.transactions[0]!.buffers('file.data', 1)[0]!.length).toBeLessThanOrEqual(1_048_576);
  });

  it('reads chunks, and counts what frames them', () => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nTrailer: 1\r\n\r\n';
    const { events, transactions } = talk(
      [
        ['>', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'],
        ['<', chunked],
      ],
      { pieceBytes: 1, wantsBodies: true },
    );
    expect(events).toMatchObject([{ http: { status: 200, length: 17 } }]);
    expect(bufferText(transactions[0]!, 'file.data', 1)).toBe('hello');
  });

  it('matches pipelined requests with their responses', () => {
    const { events } = talk([
      ['>', 'GET /1 HTTP/1.1\r\nHost: h\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['<', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx'],
      ['<', 'HTTP/1.1 404 No\r\nContent-Length: 99\r\n\r\n'],
    ]);
    expect(events).toMatchObject([
      { http: { url: '/1', status: 200 } },
      { http: { url: '/2', status: 404, length: 0 } },
    ]);
  });

  it('goes on behind a gap in a body', () => {
    const { events } = talk([
      ['>', 'GET /1 HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx'],
      ['<', 999],
      ['>', 'GET /2 HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['<', 'HTTP/1.1 204 OK\r\n\r\n'],
    ]);
    expect(events).toMatchObject([{ http: { url: '/1', length: 1000 } }, { http: { url: '/2', status: 204 } }]);
  });

  it('takes a response without its request for what it is', () => {
    const { events, anomalies } = talk([['<', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n']]);
    expect(events).toEqual([{ http: { http_port: 0, url: '/libhtp::request_uri_not_seen', status: 200, length: 0 } }]);
    expect(anomalies).toEqual(['http unable_to_match_response_to_request']);
  });

  it('is over with a protocol switch, and begins anew behind CONNECT', () => {
    const websocket = talk([
      ['>', 'GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n'],
      ['<', 'HTTP/1.1 101 Switching\r\n\r\n\x81\x05'],
    ]);
    expect(websocket.app.done).toBe(true);
    const tunnel = talk([
      ['>', 'CONNECT h:22 HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['<', 'HTTP/1.1 200 Ok\r\n\r\n'],
      ['>', 'SSH-2.0-me\r\n'],
    ]);
    expect(tunnel.app.protocol).toBe('ssh');
    expect(tunnel.app.originalProtocol).toBe('http');
    expect(tunnel.events).toMatchObject([{ http: { http_method: 'CONNECT', http_port: 22 } }, { ssh: {} }]);
  });

  it.each([
    ['a line without end', `GET /${'a'.repeat(20_000)}`, 'http request_field_too_long'],
    [
      'a length that is none',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n',
      'http invalid_content_length_field_in_request',
    ],
    [
      'a chunk that is too long',
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n',
      'http invalid_request_chunk_len',
    ],
  ])('gives up on %s', (_, request, anomaly) => {
    const told = start();
    say(told.app, 0, request, 1000);
    expect(told.app.done).toBe(true);
    expect(told.anomalies).toContain(anomaly);
  });

  it('gives up on requests that nobody answers', () => {
    const told = start();
    for (let i = 0; i < 600; i++) say(told.app, 0, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(told.app.done).toBe(true);
    told.app.close();
    expect(told.events.length).toBeLessThanOrEqual(513);
  });

  it('keeps no more of a header than its bound', () => {
    const told = start();
    say(told.app, 0, 'GET / HTTP/1.1\r\nHost: h\r\n');
    for (let i = 0; i < 5000; i++) say(told.app, 0, `X-${i}: ${'v'.repeat(100)}\r\n`);
    say(told.app, 0, '\r\n');
    expect(told.transactions[0]!.buffers('http.request_header', 0).length).toBeLessThanOrEqual(1024);
    expect(bufferText(told.transactions[0]!, 'http.header.raw', 0)!.length).toBeLessThan(70_000);
  });
});
