// Payloads on their whole way: packets in, transactions out.

import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyzer/analyzer.js';
import { makePacket, type PacketView } from '../../src/packet/packet-view.js';
import { eventsTo } from '../support/event-lines.js';
import { concat, ethernet, ipv4, tcp, udp } from '../support/frames.js';

const REQUEST = 'GET /index.html HTTP/1.1\r\nHost: example.org\r\nUser-Agent: test\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok';

/** One way of a connection between ports 1234 and 80, byte for byte from sequence number 1000 (client) or 2000 on. */
function segment(fromClient: boolean, flags: number, { at = 0, text = '', ack = 0 } = {}): PacketView {
  const [src, dst] = fromClient ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.2', '10.0.0.1'];
  const [srcPort, dstPort] = fromClient ? [1234, 80] : [80, 1234];
  const seq = (fromClient ? 1000 : 2000) + at;
  const payload = Buffer.from(text);
  return makePacket({
    data: concat(ethernet(0x0800), ipv4(tcp({ srcPort, dstPort, flags, seq, ack }, payload), { src, dst })),
  });
}

const OPENING = [segment(true, 2), segment(false, 0x12, { ack: 1001 }), segment(true, 0x10, { at: 1, ack: 2001 })];

/** A text in pieces of so many bytes, from sequence number `at` 1 on. */
function pieces(fromClient: boolean, text: string, length: number): PacketView[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, i) =>
    segment(fromClient, 0x18, { at: 1 + i * length, text: text.slice(i * length, (i + 1) * length) }),
  );
}

function eventsOf(packets: readonly PacketView[], type: string): Record<string, unknown>[] {
  const events: Record<string, unknown>[] = [];
  const analyzer = new Analyzer({ onEvents: eventsTo((event) => events.push(event)), anomalies: ['decode', 'stream'] });
  for (const packet of packets) analyzer.add(packet);
  analyzer.finish();
  return events.filter(({ event_type }) => event_type === type);
}

const httpOf = (packets: readonly PacketView[]) => eventsOf(packets, 'http');
const EXPECTED = [{ src_port: 1234, http: { hostname: 'example.org', url: '/index.html', status: 200 } }];

describe('the payload of a connection', () => {
  it.each([1, 7, 1000])('gives its transactions when it comes in pieces of %d bytes', (length) => {
    const packets = [...OPENING, ...pieces(true, REQUEST, length), ...pieces(false, RESPONSE, length)];
    expect(httpOf(packets)).toMatchObject(EXPECTED);
  });

  it('gives them when its segments come out of order and twice', () => {
    const request = pieces(true, REQUEST, 9);
    const shuffled = [...request.toReversed(), ...request];
    expect(httpOf([...OPENING, ...shuffled, ...pieces(false, RESPONSE, 100)])).toMatchObject(EXPECTED);
  });

  it('is not read when the connection began before the capture', () => {
    const packets = [...pieces(true, REQUEST, 100), ...pieces(false, RESPONSE, 100)];
    expect(httpOf(packets)).toEqual([]);
    expect(eventsOf(packets, 'flow')).toMatchObject([{ flow: { state: 'new' } }]);
  });

  it('has gaps where segments are missing, which are counted', () => {
    const missing = pieces(false, RESPONSE, 10);
    const packets = [...OPENING, ...pieces(true, REQUEST, 100), ...missing.slice(0, 2), ...missing.slice(3)];
    const acknowledged = segment(true, 0x10, { at: 1 + REQUEST.length, ack: 2001 + RESPONSE.length });
    const [record] = eventsOf([...packets, acknowledged], 'stats');
    expect(record).toMatchObject({ stats: { tcp: { sessions: 1, reassembly_gap: 1, reassembly_memuse: 0 } } });
  });

  it('is told of as the flow protocol', () => {
    expect(eventsOf([...OPENING, ...pieces(true, REQUEST, 100)], 'flow')).toMatchObject([{ app_proto: 'http' }]);
  });
});

describe('a message that quotes a packet', () => {
  it('belongs to the flow of that packet, if there is one', () => {
    const asked = ipv4(udp(), { protocol: 17 });
    const refusal = (quoted: Uint8Array) => concat(Uint8Array.of(3, 3, 0, 0, 0, 0, 0, 0), quoted);
    const answer = ipv4(refusal(asked), { src: '10.0.0.2', dst: '10.0.0.1', protocol: 1 });
    const frame = (ip: Uint8Array) => makePacket({ data: concat(ethernet(0x0800), ip) });
    expect(eventsOf([frame(asked), frame(answer)], 'flow')).toMatchObject([
      { proto: 'UDP', flow: { pkts_toserver: 1, pkts_toclient: 1 } },
    ]);
    expect(eventsOf([frame(answer)], 'flow')).toEqual([]);
  });
});

describe('a packet that contradicts itself', () => {
  it('is an anomaly, and counted by its event', () => {
    const broken = makePacket({ data: concat(ethernet(0x0800), ipv4(tcp(), { totalLength: 99 })) });
    expect(eventsOf([broken], 'anomaly')).toMatchObject([
      { anomaly: { type: 'decode', event: 'decoder.ipv4.trunc_pkt' } },
    ]);
    expect(eventsOf([broken], 'stats')).toMatchObject([{ stats: { decoder: { event: { ipv4: { trunc_pkt: 1 } } } } }]);
  });
});
