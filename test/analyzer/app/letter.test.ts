// Letters in SMTP: their header, what is attached to them, however it is nested and encoded, and the links in their text.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferText, say, type Talk, talk } from '../../support/app-talk.js';

const SMTP = { dstPort: 25 };
const HEADER = 'From: A <a@example.org>\nTo: b@example.org\nSubject: hi\n';
const ENVELOPE: Talk = [
  ['<', '220 mx ESMTP\r\n'],
  ['>', 'EHLO c\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n'],
  ['<', '250 mx\r\n250 ok\r\n250 ok\r\n'],
];
const crlf = (text: string) => text.replace(/\n/g, '\r\n');
const byData = (letter: string): Talk => [
  ...ENVELOPE,
  ['>', 'DATA\r\n'],
  ['<', '354 go on\r\n'],
  ['>', `${crlf(letter)}\r\n.\r\n`],
  ['<', '250 ok\r\n'],
];
const told = (letter: string, options = {}) => talk(byData(letter), { ...SMTP, ...options });
const emailOf = (letter: string, options = {}) => told(letter, options).events[0]!.email as Record<string, unknown>;

const file = (name: string, encoding: string, content: string) =>
  `Content-Type: application/octet-stream; name="${name}"\nContent-Transfer-Encoding: ${encoding}\n\n${content}`;
const multipart = (boundary: string, ...parts: string[]) =>
  `Content-Type: multipart/mixed; boundary="${boundary}"\n\n${parts.map((part) => `--${boundary}\n${part}\n`).join('')}--${boundary}--`;
const text = (content: string) => `Content-Type: text/plain\n\n${content}`;

/** Name and content of each attachment, as rules see them. */
function filesOf(letter: string, options = {}): string[][] {
  const [tx] = told(letter, { wantsBodies: true, ...options }).transactions;
  const shown = (name: string) => tx!.buffers(name, 0).map((bytes) => Buffer.from(bytes).toString('latin1'));
  const contents = shown('file.data');
  return shown('file.name').map((name, i) => [name, contents[i]!]);
}

describe('a letter', () => {
  it('is told by its header, with what is attached', () => {
    const letter = HEADER + multipart('x', text('hello'), file('a.bin', 'base64', 'AAAA'), file('b.bin', '7bit', 'b'));
    expect(told(letter).events).toEqual([
      {
        smtp: { helo: 'c', mail_from: '<a@example.org>', rcpt_to: ['<b@example.org>'] },
        email: {
          status: 'PARSE_DONE',
          from: 'A <a@example.org>',
          to: ['b@example.org'],
          subject: 'hi',
          attachment: ['a.bin', 'b.bin'],
        },
      },
    ]);
  });

  it.each([1, 7, 100])('is the same in pieces of %i bytes', (pieceBytes) => {
    const letter = HEADER + multipart('x', text('..http://example.org/\n.\n'), file('a.bin', 'base64', 'AAAA'));
    const options = { wantsBodies: true, pieceBytes };
    expect(emailOf(letter, options)).toEqual(emailOf(letter));
    expect(filesOf(letter, options)).toEqual(filesOf(letter));
  });

  it.each([
    ['folded lines', 'From:\n A\n <a@b>\nTo: b@c,\n\td@e', { from: 'A <a@b>', to: ['b@c', 'd@e'] }],
    ['names in any case', 'FROM:a@b\nto : b@c\nCC:d@e', { from: 'a@b', to: ['b@c'], cc: ['d@e'] }],
    ['commas in quotes', 'To: "x, \\", y" <b@c>, d@e,', { to: ['"x, \\", y" <b@c>', 'd@e'] }],
    ['a field that comes twice', 'From: a@b\nFrom: c@d', { from: 'c@d' }],
    ['encoded words', 'Subject: =?utf-8?B?w6Q=?=', { subject: '=?utf-8?B?w6Q=?=' }],
    ['UTF-8, and what is none', 'From: J\xc3\xb6rg\nTo: \xff', { from: 'Jörg', to: ['\\xff'] }],
    ['fields without a value', 'To:\nCc: ,', {}],
    ['lines that are no field', 'From: a@b\nnonsense\nTo: c@d', { from: 'a@b', to: ['c@d'] }],
  ])('has %s', (_, header, email) => {
    expect(emailOf(`${header}\n\ntext`)).toEqual({ status: 'PARSE_DONE', ...email });
  });

  it('may be without a header', () => {
    expect(emailOf('hello\nFrom: a@b\nhttp://example.org/')).toMatchObject({ url: ['example.org/'] });
  });

  it.each([
    ['', 'HEADER_READY'],
    ['From: a@b\n', 'HEADER_STARTED'],
    ['From: a@b\n\n', 'HEADER_DONE'],
    ['From: a@b\n\ntext\n', 'BODY_STARTED'],
    [`${HEADER}${multipart('x', text('hello'))}\n`, 'BODY_END_BOUND'],
  ])('that was cut says how far it came: %j', (letter, status) => {
    const { events } = talk([...byData('').slice(0, -2), ['>', crlf(letter)]], SMTP);
    expect(events[0]!.email).toMatchObject({ status });
  });

  it('may have holes', () => {
    const { events } = talk(
      [...byData('').slice(0, -2), ['>', `${crlf(HEADER)}\r\nx`], ['>', 5000], ['>', '\r\n.\r\n']],
      SMTP,
    );
    expect(events[0]!.email).toMatchObject({ status: 'PARSE_DONE', subject: 'hi' });
  });

  it('is not gone on with when the answers have holes', () => {
    const said: Talk = [...byData('').slice(0, -2), ['>', 'From: a@b\r\n'], ['<', 10], ['>', 5000], ['>', '\r\n.\r\n']];
    expect(talk(said, SMTP).events[0]!.email).toMatchObject({ status: 'HEADER_STARTED' });
  });

  it('comes in chunks as well', () => {
    const letter = crlf(HEADER + multipart('x', file('a.txt', '7bit', '.\n..dots')));
    const said: Talk = [
      ...ENVELOPE,
      ['>', `BDAT 50\r\n${letter.slice(0, 50)}BDAT ${letter.length - 50} LAST\r\n${letter.slice(50)}NOOP\r\n`],
    ];
    const { events, transactions } = talk(said, { ...SMTP, wantsBodies: true });
    expect(events[0]!.email).toMatchObject({ status: 'PARSE_DONE', subject: 'hi', attachment: ['a.txt'] });
    expect(bufferText(transactions[0]!, 'file.data', 0)).toBe('.\r\n..dots');
  });

  it('that the server does not want leaves the next commands alone', () => {
    const { events, anomalies } = talk(
      [...ENVELOPE, ['>', 'DATA\r\n'], ['<', '550 no\r\n'], ['>', 'RSET\r\nMAIL FROM:<c@d>\r\n']],
      SMTP,
    );
    expect(anomalies).toEqual(['smtp data_command_rejected']);
    expect(events).toMatchObject([{ email: { status: 'HEADER_READY' } }, { smtp: { mail_from: '<c@d>' } }]);
  });
});

describe('an attachment', () => {
  it.each([
    ['base64', 'ZXZp\nbCBj b2\n50ZW50', 'evil content'],
    ['base64', 'ZXZpbA==\nZXZpbA==', 'evilevil'],
    ['BASE64', 'Z!X@Zp*b(A', 'evil'.slice(0, 3)],
    ['quoted-printable', 'a=3Db=\nc  \n=zz last=', 'a=bc\r\n=zz last'],
    ['7bit', 'one\ntwo\n', 'one\r\ntwo\r\n'],
    ['x-unknown', 'as it is', 'as it is'],
  ])('in %s is decoded: %j', (encoding, content, expected) => {
    expect(filesOf(HEADER + multipart('x', file('f', encoding, content)))).toEqual([['f', expected]]);
  });

  it.each([
    ['Content-Disposition: attachment; filename="a b.txt"', 'a b.txt'],
    ['Content-Disposition: inline; FILENAME=a.txt; x=y', 'a.txt'],
    ['Content-Type: image/png; name="a\\"b.png"', 'a"b.png'],
    ['Content-Type: image/png; name="unended.png', 'unended.png'],
    ["Content-Disposition: attachment; filename*=utf-8''na%C3%AFve", 'na\xc3\xafve'],
    ['Content-Disposition: attachment;\n filename*0="long";\n filename*1=.txt', 'long.txt'],
    ["Content-Disposition: attachment; filename*0*=''%41; filename*1*=%42", 'AB'],
  ])('has the name that its header says: %j', (header, name) => {
    expect(filesOf(HEADER + multipart('x', `${header}\n\ncontent`))).toEqual([[name, 'content']]);
  });

  it('is found at any depth, in letters that were passed on, and as the letter itself', () => {
    const inner = multipart('in', text('t'), file('deep', '7bit', 'd'));
    expect(filesOf(HEADER + multipart('x', inner, file('f', '7bit', 'e')))).toEqual([
      ['deep', 'd'],
      ['f', 'e'],
    ]);
    expect(filesOf(HEADER + multipart('x', `Content-Type: message/rfc822\n\nSubject: in\n${inner}`))).toEqual([
      ['deep', 'd'],
    ]);
    expect(filesOf(HEADER + file('all', '7bit', 'of it'))).toEqual([['all', 'of it\r\n'.trimEnd()]]);
  });

  it('ends where a part around it does', () => {
    const unended = multipart('in', file('f', '7bit', 'content')).replace(/--in--$/, '');
    expect(filesOf(HEADER + multipart('x', unended.trimEnd(), file('g', '7bit', 'x')))).toEqual([
      ['f', 'content'],
      ['g', 'x'],
    ]);
  });

  it('is not ended by a line that only begins like the boundary', () => {
    expect(filesOf(HEADER + multipart('x', file('f', '7bit', '--xy\n--x-\nend')))).toEqual([
      ['f', '--xy\r\n--x-\r\nend'],
    ]);
  });

  it('of one endless line is kept up to its bound', () => {
    const [[, content = ''] = []] = filesOf(HEADER + file('f', 'base64', 'QUFB'.repeat(100_000)));
    expect(content).toBe('A'.repeat(102_400));
  });

  it('is not kept if nobody looks into it', () => {
    expect(filesOf(HEADER + file('f', '7bit', 'x'), { wantsBodies: false })).toEqual([['f', '']]);
  });

  it('is one of 255 at most, with 1 MiB of all together', () => {
    const many = Array.from({ length: 300 }, (_, i) => file(`f${i}`, '7bit', 'x'.repeat(9000)));
    const files = filesOf(HEADER + multipart('x', ...many));
    expect(files).toHaveLength(255);
    expect(files.reduce((sum, [, content]) => sum + content!.length, 0)).toBe(1_048_576);
  });
});

describe('links', () => {
  it('are those of text, whatever its encoding, the last one first', () => {
    const html =
      'Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<a href=3D"http://H.exam=\nple/?q">';
    const base64 = `Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n${btoa('http://b.example/ x')}`;
    const named = 'Content-Type: text/plain; name=a.txt\n\nhttp://attached.example/';
    const letter = HEADER + multipart('x', text('http://one.example/ http://two.example/'), html, base64, named);
    expect(emailOf(letter)).toMatchObject({
      url: ['two.example/', 'one.example/', 'h.example/?q', 'b.example/'],
      has_ipv4_url: false,
      has_ipv6_url: false,
      has_exe_url: false,
    });
  });

  it.each([
    ['http://192.0.2.1:80/', 'has_ipv4_url'],
    ['http://[2001:db8::1]/', 'has_ipv6_url'],
    ['http://a.example/x.EXE?y', 'has_exe_url'],
  ])('to %s are marked', (url, mark) => {
    expect(emailOf(`${HEADER}\n${url}`)).toMatchObject({ [mark]: true });
    expect(emailOf(`${HEADER}\nhttp://www.exe.com/`)).toMatchObject({ [mark]: false });
  });

  it('are 64 of a part at most', () => {
    const urls = Array.from({ length: 100 }, (_, i) => `http://a/${i}`);
    expect(emailOf(`${HEADER}\n${urls.join(' ')}`).url).toHaveLength(64);
  });
});

describe('whatever a letter is', () => {
  const lines = fc.array(
    fc.oneof(
      fc.constantFrom(...['--x', '--x--', '--in', '', '.', '..', 'Content-Type: multipart/mixed; boundary=in']),
      fc.constantFrom('Content-Type: message/rfc822', 'Content-Transfer-Encoding: base64', 'QUJD', '=', ' folded'),
      fc.string({ maxLength: 60 }),
    ),
    { maxLength: 60 },
  );

  it('nothing is thrown, and it ends', () => {
    fc.assert(
      fc.property(lines, (all) => {
        const letter = `Content-Type: multipart/mixed; boundary=x\n\n${all.join('\n')}`.replace(/\n\.(?=\n)/g, '\n..');
        const { app } = told(letter, { wantsBodies: true });
        say(app, 0, 'QUIT\r\n');
        expect(app.protocol).toBe('smtp');
      }),
      { seed: 20_261_121 },
    );
  });

  it('parts within parts without end are bounded', () => {
    const start = (i: number) => `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`;
    const letter = Array.from({ length: 1000 }, (_, i) => start(i)).join('');
    expect(emailOf(letter)).toEqual({ status: 'PARSE_DONE' });
  });
});
