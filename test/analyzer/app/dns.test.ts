import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../../src/analyzer/app/app-types.js';
import { bufferText, talk } from '../../support/app-talk.js';
import { dnsMessage, dnsName, dnsRecord, POINTER } from '../../support/dns.js';
import { eveOf } from '../../support/event-lines.js';

const u16 = (value: number) => [value >> 8, value & 0xff];
const UDP = { protocol: 17, dstPort: 53 };

describe('DNS', () => {
  it('tells questions and answers as Suricata does', () => {
    const answers = [dnsRecord(1, [192, 0, 2, 1]), dnsRecord(16, [2, 0x68, 0x69, 1, 0x21]), dnsRecord(65, [0, 1, 0])];
    const { events } = talk(
      [
        ['>', dnsMessage()],
        ['<', dnsMessage({ flags: 0x8180, answers })],
      ],
      UDP,
    );
    const rrname = 'www.example.com';
    expect(events).toEqual([
      { dns: { version: 2, type: 'query', id: 0x1234, rrname, rrtype: 'A', tx_id: 0, opcode: 0 } },
      {
        dns: {
          version: 2,
          type: 'answer',
          id: 0x1234,
          flags: '8180',
          qr: true,
          rd: true,
          ra: true,
          opcode: 0,
          rrname,
          rrtype: 'A',
          rcode: 'NOERROR',
          answers: [
            { rrname, rrtype: 'A', ttl: 60, rdata: '192.0.2.1' },
            { rrname, rrtype: 'TXT', ttl: 60, rdata: 'hi' },
            { rrname, rrtype: 'TXT', ttl: 60, rdata: '!' },
            { rrname, rrtype: 'HTTPS', ttl: 60 },
          ],
          grouped: { A: ['192.0.2.1'], TXT: ['hi', '!'] },
        },
      },
    ]);
  });

  it('tells no answer that does not say what was asked, as the second message of a zone transfer', () => {
    const { events, transactions } = talk(
      [
        ['>', dnsMessage()],
        ['<', dnsMessage({ flags: 0x8181, questions: [] })],
        ['<', dnsMessage({ flags: 0x8180, questions: [], answers: [dnsRecord(1, [1, 2, 3, 4], dnsName('a.org'))] })],
      ],
      UDP,
    );
    expect(events).toMatchObject([{ dns: { type: 'query' } }]);
    expect(transactions).toHaveLength(3);
  });

  it('tells what each type of record says', () => {
    const ipv6 = [0x20, 1, 0xd, 0xb8, ...new Array<number>(11).fill(0), 0xab];
    const answers = [
      dnsRecord(28, ipv6),
      dnsRecord(1, [1, 2, 3]),
      dnsRecord(15, [0, 10, ...dnsName('mail.org')]),
      dnsRecord(28, ipv6.toReversed(), dnsName('other.net')),
      dnsRecord(33, [0, 1, 0, 2, 0, 80, ...POINTER]),
      dnsRecord(44, [1, 2, 0xa, 0xff]),
      dnsRecord(10, [0x22, 0x5c, 1, 0xe9]),
      dnsRecord(65280, [1]),
    ];
    const times = [1, 2, 3, 0xff].flatMap((last) => [0, 0, 0, last]);
    const authorities = [dnsRecord(6, [...dnsName('ns.org'), ...POINTER, 0xff, 0xff, 0xff, 0xff, ...times])];
    const { events } = talk([['<', dnsMessage({ flags: 0x8503, answers, authorities })]], UDP);
    const rrname = 'www.example.com';
    const first = '2001:0db8:0000:0000:0000:0000:0000:00ab';
    const second = 'ab00:0000:0000:0000:0000:0000:b80d:0120';
    const srv = { priority: 1, weight: 2, port: 80, name: rrname };
    const sshfp = { fingerprint: '0a:ff', algo: 1, type: 2 };
    const soa = { mname: 'ns.org', rname: rrname, serial: 0xffff_ffff, refresh: 1, retry: 2, expire: 3, minimum: 255 };
    const dns = {
      version: 2,
      type: 'answer',
      id: 0x1234,
      flags: '8503',
      qr: true,
      aa: true,
      rd: true,
      opcode: 0,
      rrname,
      rrtype: 'A',
      rcode: 'NXDOMAIN',
      answers: [
        { rrname, rrtype: 'AAAA', ttl: 60, rdata: first },
        { rrname, rrtype: 'A', ttl: 60, rdata: '' },
        { rrname, rrtype: 'MX', ttl: 60, rdata: 'mail.org' },
        { rrname: 'other.net', rrtype: 'AAAA', ttl: 60, rdata: second },
        { rrname, rrtype: 'SRV', ttl: 60, srv },
        { rrname, rrtype: 'SSHFP', ttl: 60, sshfp },
        { rrname, rrtype: 'NULL', ttl: 60, rdata: '"\\\u0001\\xe9' },
        { rrname, rrtype: '65280', ttl: 60 },
      ],
      grouped: {
        AAAA: [first, second],
        A: [''],
        MX: ['mail.org'],
        SRV: [srv],
        SSHFP: [sshfp],
        NULL: ['"\\\u0001\\xe9'],
      },
      authorities: [{ rrname, rrtype: 'SOA', ttl: 60, soa }],
    };
    // The order of the members is Suricata's, too.
    expect(JSON.stringify(events)).toBe(JSON.stringify([{ dns }]));
  });

  it.each([
    ['a record without data', dnsRecord(1, [])],
    ['a record beyond the end', [...dnsRecord(1, [1, 2, 3, 4]).slice(0, -5), 5, 1, 2, 3, 4]],
    ['a string beyond its record', dnsRecord(16, [9, 0x68, 0x69])],
    ['a record that is cut', dnsRecord(1, [1, 2, 3, 4]).slice(0, 11)],
    ['numbers beyond the end', dnsRecord(6, [0, 0, 1])],
  ])('calls an answer with %s malformed', (_, answer) => {
    const { anomalies, events } = talk(
      [
        ['>', dnsMessage()],
        ['<', dnsMessage({ flags: 0x8180, answers: [answer] })],
      ],
      UDP,
    );
    expect(anomalies).toEqual(['dns malformed_data']);
    expect(events).toHaveLength(1);
  });

  it('reads as many questions as a message has room for', () => {
    const questions = Array.from({ length: 300 }, () => POINTER);
    const transaction = (tx: Transaction) => expect(tx.buffers('dns.query', 0)).toHaveLength(301);
    const all = [dnsName('a'), ...questions];
    const { events } = talk([['>', dnsMessage({ questions: all })]], { ...UDP, transaction });
    expect(events).toHaveLength(301);
    expect(events[300]).toMatchObject({ dns: { rrname: 'a' } });
  });

  it('shows an alert all questions of a message', () => {
    expect.hasAssertions();
    const transaction = (tx: Transaction) => {
      expect(eveOf(tx, true)).toMatchObject({ dns: { query: [{ rrname: 'a' }, { rrname: 'b' }] } });
      expect(tx.buffers('dns.query', 0).map((bytes) => Buffer.from(bytes).toString())).toEqual(['a', 'b']);
      expect(tx.buffers('dns.query', 1)).toEqual([]);
      expect(tx.number('dns.opcode', 0)).toBe(0);
    };
    talk([['>', dnsMessage({ questions: [dnsName('a'), dnsName('b')] })]], { ...UDP, transaction });
  });

  it('is recognised on any port by its content, but not where its form belongs to other protocols', () => {
    expect(talk([['>', dnsMessage()]], { protocol: 17, dstPort: 4444 }).app.protocol).toBe('dns');
    expect(talk([['>', dnsMessage()]], { protocol: 17, dstPort: 5353 }).app.protocol).toBe('failed');
    expect(talk([['>', new Uint8Array(64)]], { protocol: 17, dstPort: 4444 }).app.protocol).toBe('failed');
    const classed = (questionClass: number) =>
      talk([['>', dnsMessage({ questionClass })]], { protocol: 17, dstPort: 547 });
    expect([3, 9].map((questionClass) => classed(questionClass).app.protocol)).toEqual(['dns', 'failed']);
  });

  it('sees that the first message it has is a reply', () => {
    const { app, events } = talk([['>', dnsMessage({ flags: 0x8180 })]], UDP);
    expect(app.reversed).toBe(true);
    expect(events).toMatchObject([{ dns: { type: 'answer' } }]);
  });

  it.each([undefined, 1, 5])('is read from a stream, in pieces of %s bytes', (pieceBytes) => {
    const framed = (bytes: Uint8Array) => Uint8Array.from([...u16(bytes.length), ...bytes]);
    const both = Buffer.concat([framed(dnsMessage()), framed(dnsMessage({ questions: [dnsName('second.org')] }))]);
    const queries: (string | undefined)[] = [];
    const transaction = (tx: Transaction) => queries.push(bufferText(tx, 'dns.query', 0));
    const { events } = talk([['>', both]], { dstPort: 53, transaction, ...(pieceBytes && { pieceBytes }) });
    expect(events).toMatchObject([{ dns: { tx_id: 0 } }, { dns: { tx_id: 1, rrname: 'second.org' } }]);
    expect(queries).toEqual(['www.example.com', 'second.org']);
  });

  it.each([
    ['names that point at themselves', [0xc0, 12]],
    ['labels beyond the end', [63, 1, 2]],
    ['labels of an unknown kind', [0x80, 0]],
  ])('calls %s malformed', (_, bad) => {
    const whole = dnsMessage();
    const { anomalies, events } = talk(
      [
        ['>', whole],
        ['>', dnsMessage({ questions: [bad] })],
      ],
      UDP,
    );
    expect(anomalies).toEqual(['dns malformed_data']);
    expect(events).toHaveLength(1);
  });

  it('writes bytes that are no text with their digits', () => {
    const { events } = talk([['>', dnsMessage({ questions: [[3, 0x61, 0xff, 0x62, 0]] })]], UDP);
    expect(events).toMatchObject([{ dns: { rrname: 'a\\xffb' } }]);
  });
});
