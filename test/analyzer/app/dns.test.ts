import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../../src/analyzer/app/app-types.js';
import { bufferText, talk } from '../../support/app-talk.js';
import { eveOf } from '../../support/event-lines.js';

const u16 = (value: number) => [value >> 8, value & 0xff];
const name = (text: string) => [...text.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]), 0];

function message({
  flags = 0x0100,
  answers = [] as number[][],
  questions = [name('www.example.com')],
  questionClass = 1,
} = {}): Uint8Array {
  const counts = [questions.length, answers.length, 0, 0].flatMap(u16);
  const asked = questions.flatMap((question) => [...question, 0, 1, 0, questionClass]);
  return Uint8Array.from([0x12, 0x34, ...u16(flags), ...counts, ...asked, ...answers.flat()]);
}

/** The name is the first question's. */
const record = (type: number, data: number[]) => [
  0xc0,
  12,
  ...u16(type),
  0,
  1,
  0,
  0,
  0,
  60,
  ...u16(data.length),
  ...data,
];
const UDP = { protocol: 17, dstPort: 53 };

describe('DNS', () => {
  it('tells questions and answers as Suricata does', () => {
    const answers = [record(1, [192, 0, 2, 1]), record(16, [2, 0x68, 0x69, 1, 0x21]), record(65, [0, 1, 0])];
    const { events } = talk(
      [
        ['>', message()],
        ['<', message({ flags: 0x8180, answers })],
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

  it('shows an alert all questions of a message', () => {
    expect.hasAssertions();
    const transaction = (tx: Transaction) => {
      expect(eveOf(tx, true)).toMatchObject({ dns: { query: [{ rrname: 'a' }, { rrname: 'b' }] } });
      expect(tx.buffers('dns.query', 0).map((bytes) => Buffer.from(bytes).toString())).toEqual(['a', 'b']);
      expect(tx.buffers('dns.query', 1)).toEqual([]);
      expect(tx.number('dns.opcode', 0)).toBe(0);
    };
    talk([['>', message({ questions: [name('a'), name('b')] })]], { ...UDP, transaction });
  });

  it('is recognised on any port by its content, but not where its form belongs to other protocols', () => {
    expect(talk([['>', message()]], { protocol: 17, dstPort: 4444 }).app.protocol).toBe('dns');
    expect(talk([['>', message()]], { protocol: 17, dstPort: 5353 }).app.protocol).toBeUndefined();
    expect(talk([['>', new Uint8Array(64)]], { protocol: 17, dstPort: 4444 }).app.protocol).toBeUndefined();
    const classed = (questionClass: number) =>
      talk([['>', message({ questionClass })]], { protocol: 17, dstPort: 547 });
    expect([3, 9].map((questionClass) => classed(questionClass).app.protocol)).toEqual(['dns', undefined]);
  });

  it('sees that the first message it has is a reply', () => {
    const { app, events } = talk([['>', message({ flags: 0x8180 })]], UDP);
    expect(app.reversed).toBe(true);
    expect(events).toMatchObject([{ dns: { type: 'answer' } }]);
  });

  it.each([undefined, 1, 5])('is read from a stream, in pieces of %s bytes', (pieceBytes) => {
    const framed = (bytes: Uint8Array) => Uint8Array.from([...u16(bytes.length), ...bytes]);
    const both = Buffer.concat([framed(message()), framed(message({ questions: [name('second.org')] }))]);
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
    const whole = message();
    const { anomalies, events } = talk(
      [
        ['>', whole],
        ['>', message({ questions: [bad] })],
      ],
      UDP,
    );
    expect(anomalies).toEqual(['dns malformed_data']);
    expect(events).toHaveLength(1);
  });

  it('writes bytes that are no text with their digits', () => {
    const { events } = talk([['>', message({ questions: [[3, 0x61, 0xff, 0x62, 0]] })]], UDP);
    expect(events).toMatchObject([{ dns: { rrname: 'a\\xffb' } }]);
  });
});
