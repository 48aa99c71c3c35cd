import { describe, expect, it } from 'vitest';
import { sidsOf } from '../../support/alerts.js';
import { concat, ethernet, ipv4, tcp } from '../../support/frames.js';

const CLIENT = { src: '10.0.0.1', dst: '10.0.0.2' };
const SERVER = { src: '10.0.0.2', dst: '10.0.0.1' };
const SYN = 0x02;
const ACK = 0x10;

const record = (type: number, body: readonly number[]) => [type, 3, 3, body.length >> 8, body.length & 255, ...body];
const message = (type: number, body: readonly number[]) => [type, 0, body.length >> 8, body.length & 255, ...body];
const random = Array.from({ length: 32 }, (_, i) => i);
const clientHello = record(22, message(1, [3, 3, ...random, 0, 0, 2, 0xc0, 0x2f, 1, 0]));
const serverHello = record(22, message(2, [3, 3, ...random, 0, 0xc0, 0x2f, 0]));
const changeCipherSpec = record(20, [1]);
const data = (text: string) => record(23, [...Buffer.from(text)]);
const plain = (text: string) => [...Buffer.from(text)];

/** A connection in which both sides say these things by turns, the client first. */
function connection(turns: readonly (readonly number[])[]): Uint8Array[] {
  const next = [1000, 5000];
  const segment = (side: 0 | 1, flags: number, payload: readonly number[] = []) => {
    const ports = side === 0 ? { srcPort: 1234, dstPort: 443 } : { srcPort: 443, dstPort: 1234 };
    const bytes = tcp({ ...ports, flags, seq: next[side]!, ack: next[1 - side]! }, Uint8Array.from(payload));
    next[side]! += payload.length + ((flags & SYN) === 0 ? 0 : 1);
    return concat(ethernet(0x0800), ipv4(bytes, { protocol: 6, ...(side === 0 ? CLIENT : SERVER) }));
  };
  return [
    segment(0, SYN),
    segment(1, SYN | ACK),
    segment(0, ACK),
    ...turns.map((turn, i) => segment((i % 2) as 0 | 1, ACK, turn)),
  ];
}

const RULES = `alert tcp any any -> any any (content:"secret"; sid:1;)
alert tcp any any -> any any (content:"|16 03 03|"; flow:to_client; sid:2;)`;

describe('rules about the stream of a TLS connection', () => {
  it('look at the handshake, and not at what both sides encrypt', () => {
    const turns = [clientHello, [...serverHello, ...changeCipherSpec], changeCipherSpec, data('x'), data('a secret')];
    expect(sidsOf(RULES, connection(turns))).toEqual([2]);
  });

  it('look at all that comes where only one side says that it encrypts', () => {
    const turns = [clientHello, serverHello, changeCipherSpec, plain('not TLS'), plain('a secret')];
    expect(sidsOf(RULES, connection(turns)).sort()).toEqual([1, 2]);
  });
});
