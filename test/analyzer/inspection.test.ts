import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyzer/analyzer.js';
import { parseRules } from '../../src/analyzer/rules/rule-file.js';
import { makePacket, type PacketView } from '../../src/packet/packet-view.js';
import { dnsMessage, dnsName } from '../support/dns.js';
import { eventsTo } from '../support/event-lines.js';
import { concat, ethernet, icmp, ipv4, tcp, udp } from '../support/frames.js';
import { makeInterface } from '../support/packets.js';
import { tcpTalk } from '../support/talks.js';

interface AlertEvent {
  readonly event_type: string;
  readonly src_port?: number;
  readonly tx_id?: number;
  readonly direction?: string;
  readonly payload_printable?: string;
  readonly stream?: number;
  readonly alert: { readonly signature_id: number };
}

const BASE_NS = 1_700_000_000_000_000_000n;
const text = (bytes: string) => Uint8Array.from(Buffer.from(bytes, 'latin1'));
const rulesOf = (lines: string) => {
  const { rules, refused } = parseRules(lines, 'x.rules');
  expect(refused).toEqual([]);
  return rules;
};

/** Packets a millisecond apart. */
function packets(frames: readonly Uint8Array[]): PacketView[] {
  const from = makeInterface({ name: 'eth0' });
  return frames.map((data, i) => makePacket({ data, tsNs: BASE_NS + BigInt(i) * 1_000_000n, interface: from }));
}

function run(lines: string, frames: readonly Uint8Array[], reload?: string) {
  const events: AlertEvent[] = [];
  const fast: string[] = [];
  const analyzer = new Analyzer({
    onEvents: eventsTo<AlertEvent>((event) => events.push(event)),
    inspection: { rules: rulesOf(lines), onFastLine: (line) => fast.push(line), alertPayload: true },
  });
  for (const [i, packet] of packets(frames).entries()) {
    if (reload !== undefined && i === frames.length >> 1) analyzer.reload(rulesOf(reload));
    analyzer.add(packet);
  }
  analyzer.finish();
  const alerts = events.filter(({ event_type }) => event_type === 'alert');
  return { alerts, fast, sids: alerts.map(({ alert }) => alert.signature_id), summary: analyzer.summary(), events };
}

const there = (segment: Uint8Array, protocol = 6) => concat(ethernet(0x0800), ipv4(segment, { protocol }));
const back = (segment: Uint8Array, protocol = 6) =>
  concat(ethernet(0x0800), ipv4(segment, { protocol, src: '10.0.0.2', dst: '10.0.0.1' }));
const datagram = (payload: string) => there(udp(text(payload), { dstPort: 9999 }), 17);
const client = (flags: number, seq: number, ack: number, payload = '') =>
  there(tcp({ flags, seq, ack }, text(payload)));
const server = (flags: number, seq: number, ack: number, payload = '') =>
  back(tcp({ srcPort: 80, dstPort: 1234, flags, seq, ack }, text(payload)));

const REQUEST = 'GET /a?b HTTP/1.1\r\nHost: example.org\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const CONNECTION = [
  client(0x02, 99, 0),
  server(0x12, 499, 100),
  client(0x10, 100, 500),
  client(0x18, 100, 500, REQUEST.slice(0, 11)),
  client(0x18, 111, 500, REQUEST.slice(11)),
  server(0x18, 500, 100 + REQUEST.length, RESPONSE),
  client(0x11, 100 + REQUEST.length, 500 + RESPONSE.length),
  server(0x11, 500 + RESPONSE.length, 101 + REQUEST.length),
  client(0x10, 101 + REQUEST.length, 501 + RESPONSE.length),
];

describe('an alert', () => {
  it('about a packet of no flow says nothing of the flow before it', () => {
    const short = concat(ethernet(0x0800), Uint8Array.of(0x45, 0, 0, 40));
    const rule = 'alert pkthdr any any -> any any (msg:"x"; decode-event:ipv4.pkt_too_small; sid:1;)';
    const { alerts } = run(rule, [...CONNECTION.slice(0, 7), short, ...CONNECTION.slice(7)]);
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).not.toHaveProperty('app_proto');
  });

  it('is told of each DNS message that has what the rule looks for, and of no other', () => {
    const asked = (name: string, srcPort: number) =>
      there(udp(dnsMessage({ questions: [dnsName(name)] }), { srcPort, dstPort: 53 }), 17);
    const rule = 'alert dns any any -> any any (msg:"x"; dns.query; content:"evil"; sid:1;)';
    const frames = [asked('evil.org', 1), asked('evil.org', 1), asked('good.org', 1), asked('evil.net', 2)];
    const { alerts } = run(rule, frames);
    expect(alerts).toMatchObject([
      { src_port: 1, tx_id: 0, dns: { query: [{ rrname: 'evil.org' }] } },
      { src_port: 1, tx_id: 1 },
      { src_port: 2, tx_id: 0, dns: { query: [{ rrname: 'evil.net' }] } },
    ]);
  });

  it('is told of in the record of its flow, and of no other', () => {
    const other = there(udp(text('abc'), { dstPort: 9998 }), 17);
    const { events } = run('alert udp any any -> any 9999 (msg:"x"; content:"b"; sid:1;)', [datagram('abc'), other]);
    const flows = events.filter(({ event_type }) => event_type === 'flow');
    expect(flows).toMatchObject([
      { dest_port: 9999, flow: { alerted: true } },
      { dest_port: 9998, flow: { alerted: false } },
    ]);
  });

  it("has the rule's facts, the packet's ends, and the payload if that is wished", () => {
    const { alerts, fast } = run(
      'alert udp any any -> any 9999 (msg:"found"; content:"b"; classtype:misc-attack; metadata:k v; target:dest_ip; sid:7; rev:2;)',
      [datagram('a\x00b')],
    );
    expect(alerts).toMatchObject([
      {
        timestamp: '2023-11-14T22:13:20.000000+0000',
        flow_id: expect.any(Number) as number,
        in_iface: 'eth0',
        src_ip: '10.0.0.1',
        src_port: 1234,
        dest_ip: '10.0.0.2',
        dest_port: 9999,
        proto: 'UDP',
        direction: 'to_server',
        alert: {
          action: 'allowed',
          gid: 1,
          signature_id: 7,
          rev: 2,
          signature: 'found',
          category: 'Misc Attack',
          severity: 2,
          target: { ip: '10.0.0.2', port: 9999 },
          metadata: { k: ['v'] },
        },
        flow: { pkts_toserver: 1, pkts_toclient: 0 },
        payload: 'YQBi',
        payload_printable: 'a.b',
        stream: 0,
      },
    ]);
    expect(fast).toEqual([
      '11/14/2023-22:13:20.000000  [**] [1:7:2] found [**] [Classification: Misc Attack] [Priority: 2] {UDP} 10.0.0.1:1234 -> 10.0.0.2:9999',
    ]);
  });

  it('is counted in statistics and summary', () => {
    const { summary, events } = run('alert udp any any -> any any (msg:"m"; content:"a"; sid:1;)', [
      datagram('a'),
      datagram('a'),
    ]);
    expect(summary.alerts).toMatchObject([{ count: 2, rule: { sid: 1 } }]);
    expect(events.at(-1)).toMatchObject({ stats: { detect: { alert: 2, alerts_suppressed: 0 } } });
  });
});

describe('rules on a connection', () => {
  it('find in the stream what lies in two segments, once', () => {
    const { alerts } = run(
      'alert tcp any any -> any any (flow:established,to_server; content:"HTTP/1.1|0d 0a|Host"; sid:1;)',
      CONNECTION,
    );
    expect(alerts).toMatchObject([{ stream: 1, src_port: 1234, payload_printable: REQUEST }]);
  });

  it('find nothing in single packets of what lies in two', () => {
    expect(run('alert tcp any any -> any any (content:"GET /a?b HTTP"; dsize:>0; sid:1;)', CONNECTION).sids).toEqual(
      [],
    );
  });

  it('look at transactions once in each, when what they look for is there', () => {
    const { alerts } = run(
      `alert http any any -> any any (http.uri; content:"/a"; startswith; sid:1;)
       alert http any any -> any any (http.method; content:"GET"; http.header_names; content:!"Cookie"; sid:2;)
       alert http any any -> any any (flow:to_client; file.data; content:"hi"; sid:3;)
       alert http any any -> any any (http.stat_code; content:"404"; sid:4;)`,
      CONNECTION,
    );
    expect(alerts.map(({ alert, tx_id, direction }) => [alert.signature_id, tx_id, direction])).toEqual([
      [1, 0, 'to_server'],
      [2, 0, 'to_server'],
      [3, 0, 'to_client'],
    ]);
  });

  it('look at the response that follows when the client was told to continue', () => {
    const said = tcpTalk([
      ['>', 'POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n'],
      ['<', 'HTTP/1.1 100 Continue\r\n\r\n'],
      ['>', 'x'],
      ['<', 'HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 0\r\n\r\n'],
    ]);
    const { sids } = run(
      `alert http any any -> any any (http.stat_code; content:"100"; sid:1;)
       alert http any any -> any any (http.stat_code; content:"200"; sid:2;)
       alert http any any -> any any (http.stat_code; content:"00"; sid:3;)
       alert http any any -> any any (flow:to_client; http.header; content:"Server"; sid:4;)`,
      said,
    );
    expect(sids.sort()).toEqual([1, 2, 3, 4]);
  });

  it('know direction, state and the protocol above', () => {
    const { sids } = run(
      `alert tcp any any -> any any (flow:not_established; flags:S; sid:1;)
       alert tcp any any -> any any (flow:established,to_client; flags:PA; sid:2;)
       alert tcp any any -> any 80 (sid:3;)
       alert tcp any any -> any any (app-layer-protocol:http; flow:to_server; sid:4;)
       alert tcp any any -> any any (app-layer-protocol:tls; sid:5;)`,
      CONNECTION,
    );
    expect(sids.sort()).toEqual([1, 2, 3, 4]);
  });

  it('pass bits from packet to packet', () => {
    const { sids } = run(
      `alert tcp any any -> any any (flags:S; flowbits:set,a; noalert; sid:1;)
       alert tcp any any -> any any (flags:SA; flowbits:isset,a; sid:2;)
       alert tcp any any -> any any (flags:SA; flowbits:isnotset,a; sid:3;)
       alert tcp any any -> any any (flags:S; xbits:set,b,track ip_src; noalert; sid:4;)
       alert tcp any any -> any any (flags:SA; xbits:isset,b,track ip_dst; sid:5;)`,
      CONNECTION,
    );
    expect(sids).toEqual([2, 5]);
  });
});

describe('what rules count', () => {
  it("of a flow goes with it, and is not the next one's that takes its place", () => {
    const events: AlertEvent[] = [];
    const rules = rulesOf(
      'alert udp any any -> any any (msg:"x"; threshold:type limit,track by_flow,count 1,seconds 60; content:"a"; sid:1;)',
    );
    const onEvents = eventsTo<AlertEvent>((event) => events.push(event));
    const analyzer = new Analyzer({ onEvents, inspection: { rules }, maxFlows: 1 });
    const frames = [1, 1, 2, 2].map((srcPort) => there(udp(text('a'), { srcPort, dstPort: 9999 }), 17));
    for (const packet of packets(frames)) analyzer.add(packet);
    analyzer.flush();
    const alerts = events.filter(({ event_type }) => event_type === 'alert');
    expect(alerts.map(({ src_port }) => src_port)).toEqual([1, 2]);
  });
});

describe('rules on packets', () => {
  it('see headers', () => {
    const echo = there(icmp(8, 0, text('\x00\x01\x00\x02data')), 1);
    const { sids } = run(
      `alert icmp any any -> any any (itype:8; icode:0; icmp_id:1; icmp_seq:2; dsize:4; content:"data"; depth:4; sid:1;)
       alert ip 10.0.0.0/24 any -> !10.0.0.1 any (ttl:64; ip_proto:1; sid:2;)
       alert ip any any -> any any (ttl:<64; sid:3;)
       alert ip 10.0.0.2 any <> 10.0.0.1 any (sid:4;)`,
      [echo],
    );
    expect(sids).toEqual([1, 2, 4]);
  });

  it('tell of broken headers', () => {
    const { sids } = run('alert pkthdr any any -> any any (decode-event:ipv4.pkt_too_small; sid:1;)', [
      concat(ethernet(0x0800), text('E\x00\x00')),
    ]);
    expect(sids).toEqual([1]);
  });

  it('let pass what a pass rule matches, before all others', () => {
    const lines = `alert udp any any -> any any (content:"a"; sid:1;)
                   pass udp any any -> any any (content:"b"; sid:2;)`;
    expect(run(lines, [datagram('ab'), datagram('a')]).sids).toEqual([1]);
  });

  it('report as often as their thresholds say', () => {
    const five = Array.from({ length: 5 }, () => datagram('a'));
    const withLimit = (limit: string) =>
      run(`alert udp any any -> any any (content:"a"; ${limit}; sid:1;)`, five).sids.length;
    expect(withLimit('threshold:type limit, track by_src, count 2, seconds 60')).toBe(2);
    expect(withLimit('threshold:type threshold, track by_dst, count 2, seconds 60')).toBe(2);
    expect(withLimit('threshold:type both, track by_rule, count 3, seconds 60')).toBe(1);
    expect(withLimit('detection_filter:track by_src, count 3, seconds 60')).toBe(2);
  });

  it('are others from the next packet on once they were read anew', () => {
    const other = 'alert udp any any -> any any (content:"a"; sid:2;)';
    const { sids } = run('alert udp any any -> any any (content:"a"; sid:1;)', [datagram('a'), datagram('a')], other);
    expect(sids).toEqual([1, 2]);
  });
});
