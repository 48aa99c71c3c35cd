import { describe, expect, it } from 'vitest';
import { bufferText, say, start, talk } from '../../support/app-talk.js';

const DHCP = { protocol: 17, dstPort: 67 };

function dhcp(options: number[], op = 2): Uint8Array {
  const bytes = new Uint8Array(240 + options.length);
  bytes.set([op, 1, 6, 0, 0, 0, 0, 9]);
  bytes.set([192, 0, 2, 7], 16);
  bytes.set([2, 0, 0, 0, 0, 1], 28);
  bytes.set([99, 130, 83, 99, ...options], 236);
  return bytes;
}

describe('an application layer', () => {
  it('gives up when neither side is recognised', () => {
    const told = start();
    say(told.app, 0, 'whatever this is\n');
    expect(told.app.protocol).toBeUndefined();
    say(told.app, 1, 'nobody knows what this may be, either\n');
    expect(told.app.protocol).toBe('failed');
    expect(told.app.done).toBe(true);
  });

  it('does not wait for ever for a beginning to become whole', () => {
    const told = start();
    say(told.app, 0, `220 ${'x'.repeat(300)}`);
    say(told.app, 1, `220 ${'x'.repeat(300)}`, 1);
    expect(told.app.protocol).toBe('failed');
  });

  it('hands on what came before the other side told the protocol', () => {
    const { events } = talk([
      ['>', 'WEIRD /x HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ]);
    expect(events).toMatchObject([{ http: { http_method: 'WEIRD', url: '/x', status: 200 } }]);
  });

  it('holds no more than a bound of that', () => {
    const told = start();
    for (let i = 0; i < 1000; i++) say(told.app, 0, 'WEIRD\r\n'.repeat(100));
    say(told.app, 1, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect(told.app.protocol).toBe('http');
  });

  it('gives up on a flow of datagrams after a few', () => {
    const told = start({ protocol: 17, dstPort: 443 });
    for (let i = 0; i < 4; i++) say(told.app, i & 1, 'datagram');
    expect(told.app.protocol).toBe('failed');
  });
});

describe('SSH', () => {
  const lists = ['kex', 'key', 'c2s', 's2c', 'mac1', 'mac2', 'comp1', 'comp2', '', ''];
  const names = lists.map((text) => `\0\0\0${String.fromCharCode(text.length)}${text}`).join('');
  const body = `\x04\x14${'c'.repeat(16)}${names}\0\0\0\0\0pad.`;
  const packet = `\0\0\0${String.fromCharCode(body.length)}${body}`;

  it.each([undefined, 1])('is told by both banners and fingerprints, in pieces of %s bytes', (pieceBytes) => {
    const { events, app, transactions } = talk(
      [
        ['<', `welcome\r\nSSH-2.0-Server_1 comment\r\n${packet}`],
        ['>', `SSH-2.0-Client_1\r\n${packet}`],
      ],
      pieceBytes ? { pieceBytes } : {},
    );
    expect(events).toMatchObject([
      {
        ssh: {
          client: { proto_version: '2.0', software_version: 'Client_1', hassh: { string: 'kex;c2s;mac1;comp1' } },
          server: { proto_version: '2.0', software_version: 'Server_1', hassh: { string: 'kex;s2c;mac2;comp2' } },
        },
      },
    ]);
    expect(app.done).toBe(true);
    expect(bufferText(transactions[0]!, 'ssh.software', 1)).toBe('Server_1');
    expect(bufferText(transactions[0]!, 'ssh.hassh.string', 0)).toBe('kex;c2s;mac1;comp1');
  });

  it('does not wait for a packet that is too long', () => {
    const { anomalies } = talk([['>', 'SSH-2.0-x\r\n\x7f\xff\xff\xff\x04\x14']]);
    expect(anomalies).toEqual(['ssh invalid_record']);
  });
});

describe('SMTP', () => {
  it.each([undefined, 1])('is told by its envelopes, in pieces of %s bytes', (pieceBytes) => {
    const { events } = talk(
      [
        ['<', '220 mx ESMTP\r\n'],
        ['>', 'EHLO me\r\n'],
        ['<', '250-mx\r\n250 OK\r\n'],
        ['>', 'MAIL FROM:<a@b> SIZE=1\r\nRCPT TO:<c@d>\r\nRCPT TO: <e@f>\r\nDATA\r\n'],
        ['<', '250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n'],
        ['>', 'MAIL FROM:<not@a.command>\r\n.\r\n'],
        ['<', '250 ok\r\n'],
        ['>', 'QUIT\r\n'],
      ],
      pieceBytes ? { pieceBytes } : {},
    );
    expect(events).toEqual([
      { smtp: { helo: 'me', mail_from: '<a@b>', rcpt_to: ['<c@d>', '<e@f>'] }, email: { status: 'PARSE_DONE' } },
      { smtp: { helo: 'me' } },
    ]);
  });

  it('takes a letter back that the server refuses', () => {
    const { events, anomalies } = talk([
      ['<', '220 mx ESMTP\r\n'],
      ['>', 'EHLO me\r\nDATA\r\n'],
      ['<', '250 OK\r\n503 no\r\n'],
      ['>', 'MAIL FROM:<a@b>\r\n'],
    ]);
    expect(events).toEqual([{ smtp: { helo: 'me', mail_from: '<a@b>' }, email: { status: 'HEADER_READY' } }]);
    expect(anomalies).toEqual(['smtp data_command_rejected']);
  });

  it('changes to TLS when both sides want it', () => {
    const { app } = talk([
      ['<', '220 mx ESMTP\r\n'],
      ['>', 'EHLO me\r\n'],
      ['<', '250 STARTTLS\r\n'],
      ['>', 'STARTTLS\r\n'],
      ['<', '220 go\r\n'],
      ['>', '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00'],
    ]);
    expect([app.protocol, app.originalProtocol]).toEqual(['tls', 'smtp']);
  });
});

describe('DHCP', () => {
  it('tells which machine was given which address', () => {
    const options = [53, 1, 5, 58, 4, 0, 0, 7, 8, 12, 2, 0x6d, 0x65, 255];
    expect(
      talk(
        [
          ['>', dhcp([53, 1, 1, 255], 1)],
          ['<', dhcp(options)],
        ],
        DHCP,
      ).events,
    ).toEqual([
      {
        dhcp: {
          type: 'reply',
          id: 9,
          client_mac: '02:00:00:00:00:01',
          assigned_ip: '192.0.2.7',
          dhcp_type: 'ack',
          renewal_time: 1800,
          hostname: 'me',
        },
      },
    ]);
  });

  it('says when options reach beyond the message', () => {
    expect(talk([['>', dhcp([53, 200, 1], 1)]], DHCP).anomalies).toEqual(['dhcp truncated_options']);
  });
});
