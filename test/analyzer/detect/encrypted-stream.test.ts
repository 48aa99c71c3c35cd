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
/** A packet of SSH (RFC 4253, section 6): a message of this type. */
const ssh = (type: number, body: readonly number[]) => [0, 0, 0, 2 + body.length, 0, type, ...body];
const keyExchange = ssh(
  20,
  Array.from({ length: 60 }, () => 0),
);
const newKeys = ssh(21, []);
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

const PACKET_RULES = `alert tcp-pkt any any -> any any (content:"secret"; sid:1;)
alert tcp any any -> any any (dsize:>0; flags:A; sid:2;)
alert tcp any any -> any any (dsize:<100; flags:A; sid:3;)`;

/** How often each of them matches. */
function packetMatches(turns: readonly (readonly number[])[]): number[] {
  const sids = sidsOf(PACKET_RULES, connection(turns));
  return [1, 2, 3].map((sid) => sids.filter((other) => other === sid).length);
}

/** Besides, of each connection the last of its handshake matches the rule that takes packets without payload, too. */
const HANDSHAKE = 1;

describe('rules about packets', () => {
  it("look at no payload behind the packet that acknowledges a TLS connection's first data", () => {
    const hello = [clientHello, [...serverHello, ...changeCipherSpec], changeCipherSpec];
    const secret = data('a secret');
    expect(packetMatches([...hello, secret, secret, secret, secret])).toEqual([2, 5, 7 + HANDSHAKE]);
  });

  it('look at all payload of a TLS connection in which no data comes', () => {
    const turns = [clientHello, [...serverHello, ...changeCipherSpec], changeCipherSpec, record(21, plain('secret'))];
    expect(packetMatches(turns)).toEqual([1, 4, 4 + HANDSHAKE]);
  });

  it('look at no payload of an SSH connection once both sides have new keys, however they came', () => {
    const banner = plain('SSH-2.0-x\r\n');
    const split = [...keyExchange, ...ssh(30, plain('secret')), ...newKeys];
    const pieces = [split.slice(0, 3), split.slice(3, 80), split.slice(80)];
    const turns = [banner, banner, keyExchange, pieces[0]!, newKeys, pieces[1]!, [], pieces[2]!];
    const secret = plain('secret');
    expect(packetMatches([...turns, secret, secret, secret])).toEqual([2, 8, 11 + HANDSHAKE]);
  });
});
