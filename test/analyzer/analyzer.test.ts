import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyzer/analyzer.js';
import { ClosedError } from '../../src/errors.js';
import { makePacket, memoryOf, PacketView } from '../../src/packet/packet-view.js';
import { recordBytes } from '../../src/packet/record.js';
import { communityIdsOf } from '../support/community-ids.js';
import { corpusFiles, corpusPresent } from '../support/corpus.js';
import { eventsTo, linesTo } from '../support/event-lines.js';
import { concat, ethernet, hex, icmp, ipv4, ipv6, tcp, udp, vlanTag } from '../support/frames.js';
import { makeInterface } from '../support/packets.js';
import { packetsOf } from '../support/pcap-packets.js';
import { clientHello, cryptoFrame, initialPacket, serverName } from '../support/quic.js';
import { wildPackets } from '../support/wild-packets.js';

type Json = Record<string, unknown>;

const EVE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000$/;
const BASE_NS = 1_700_000_000_000_000_000n;

/** All events that the packets give. */
function eventsOf(packets: Iterable<PacketView>, options: { maxFlows?: number } = {}): Json[] {
  const events: Json[] = [];
  const analyzer = new Analyzer({ onEvents: eventsTo((event) => events.push(event)), ...options });
  for (const packet of packets) analyzer.add(packet);
  analyzer.finish();
  return events;
}

const flowsOf = (packets: Iterable<PacketView>) => eventsOf(packets).filter((event) => event.event_type === 'flow');

/** A packet `ms` milliseconds after the first, on eth0. */
function at(ms: number, ...parts: Uint8Array[]): PacketView {
  const tsNs = BASE_NS + BigInt(ms) * 1_000_000n;
  return makePacket({ data: concat(...parts), tsNs, interface: makeInterface({ name: 'eth0' }) });
}

const there = (segment: Uint8Array) => concat(ethernet(0x0800), ipv4(segment));
const back = (segment: Uint8Array) => concat(ethernet(0x0800), ipv4(segment, { src: '10.0.0.2', dst: '10.0.0.1' }));
const client = (flags: number, payload?: Uint8Array) => there(tcp({ flags }, payload));
const server = (flags: number, payload?: Uint8Array) => back(tcp({ srcPort: 80, dstPort: 1234, flags }, payload));

const CONNECTION = [
  at(0, client(0x02)),
  at(1, server(0x12)),
  at(2, client(0x10)),
  at(3, client(0x18, hex('ffffff'))),
  at(4, server(0x18, hex('fefe'))),
  at(1500, client(0x11)),
  at(1501, server(0x11)),
  at(1502, client(0x10)),
];

describe('a flow event', () => {
  it('has the fields and types of EVE JSON', () => {
    const [flow] = flowsOf(CONNECTION);
    expect(flow).toEqual({
      timestamp: '2023-11-14T22:13:21.502000+0000',
      flow_id: expect.any(Number) as number,
      in_iface: 'eth0',
      event_type: 'flow',
      src_ip: '10.0.0.1',
      src_port: 1234,
      dest_ip: '10.0.0.2',
      dest_port: 80,
      proto: 'TCP',
      flow: {
        pkts_toserver: 5,
        pkts_toclient: 3,
        bytes_toserver: 5 * 54 + 3,
        bytes_toclient: 3 * 54 + 2,
        start: '2023-11-14T22:13:20.000000+0000',
        end: '2023-11-14T22:13:21.502000+0000',
        age: 1,
        state: 'closed',
        reason: 'shutdown',
        alerted: false,
      },
      community_id: expect.stringMatching(/^1:[A-Za-z0-9+/]{27}=$/) as string,
      tcp: {
        tcp_flags: '1b',
        tcp_flags_ts: '1b',
        tcp_flags_tc: '1b',
        syn: true,
        fin: true,
        psh: true,
        ack: true,
        state: 'closed',
      },
    });
    expect(Number.isSafeInteger(flow!.flow_id)).toBe(true);
  });

  it('has the VLAN ids, the outer first', () => {
    const tags = concat(ethernet(0x88a8), vlanTag(100, 0x8100), vlanTag(0, 0x0800));
    expect(flowsOf([at(0, tags, ipv4(udp(), { protocol: 17 }))])).toMatchObject([{ vlan: [100, 0], proto: 'UDP' }]);
  });

  it('has the ICMP types of question and answer, and no ports', () => {
    const ping = ipv6(58, icmp(128, 0, hex('00010001')));
    const pong = ipv6(58, icmp(129, 0, hex('00010001')));
    const swapped = concat(pong.subarray(0, 8), pong.subarray(24, 40), pong.subarray(8, 24), pong.subarray(40));
    const [flow] = flowsOf([at(0, ethernet(0x86dd), ping), at(1, ethernet(0x86dd), swapped)]);
    expect(flow).toMatchObject({ proto: 'IPv6-ICMP', icmp_type: 128, icmp_code: 0, response_icmp_type: 129 });
    expect(flow).not.toHaveProperty('src_port');
    expect(flow).toMatchObject({ flow: { state: 'established', pkts_toserver: 1, pkts_toclient: 1 } });
  });

  it('comes when the flow has been silent for too long, with the time of the packet that showed it', () => {
    const query = at(0, ethernet(0x0800), ipv4(udp(), { protocol: 17 }));
    const later = at(31_000, ethernet(0x0806), hex('00'));
    const other = at(31_000, client(2));
    const [flow] = flowsOf([query, later, other]);
    expect(flow).toMatchObject({
      timestamp: '2023-11-14T22:13:51.000000+0000',
      flow: { reason: 'timeout', state: 'new' },
    });
  });

  it('tells flows of one run apart by flow_id', () => {
    const many = Array.from({ length: 300 }, (_, i) => at(i, there(tcp({ srcPort: i }))));
    expect(new Set(flowsOf(many).map((flow) => flow.flow_id)).size).toBe(300);
  });

  it('counts what fragments make as one packet, and nothing for fragments of which some are missing', () => {
    const datagram = udp(new Uint8Array(16));
    const first = at(0, ethernet(0x0800), ipv4(datagram.subarray(0, 16), { protocol: 17, fragment: 0x2000 }));
    const second = at(0, ethernet(0x0800), ipv4(datagram.subarray(16), { protocol: 17, fragment: 2 }));
    expect(flowsOf([first])).toEqual([]);
    expect(flowsOf([second, first])).toMatchObject([
      { proto: 'UDP', src_port: 1234, flow: { pkts_toserver: 1, bytes_toserver: 20 + 24 } },
    ]);
  });
});

describe('the stats event', () => {
  it('tells what was decoded and what was lost, and leaves out what nobody knows', () => {
    const events: string[] = [];
    const analyzer = new Analyzer({ onEvents: linesTo((line) => events.push(line)) });
    for (const packet of CONNECTION) analyzer.add(packet);
    analyzer.finish({ received: 11, kernelDropped: 2, missed: 1 });
    analyzer.finish();
    const stats = JSON.parse(events.at(-1)!) as Json;
    expect(events).toHaveLength(2);
    expect(stats.timestamp).toMatch(EVE_TIME);
    expect(stats).toMatchObject({
      event_type: 'stats',
      stats: {
        uptime: 1,
        decoder: { pkts: 8, bytes: 8 * 54 + 5, ethernet: 8, ipv4: 8, tcp: 8, udp: 0, invalid: 0, max_pkt_size: 57 },
        flow: { total: 1, active: 0 },
        pkttap: { missed: 1, overwritten: 0 },
      },
    });
    expect((stats.stats as Json).capture).toEqual({ kernel_packets: 11, kernel_drops: 2 });
  });
});

describe('an analyzer', () => {
  it('counts packets, protocols, problems and talkers', () => {
    const analyzer = new Analyzer({ onEvents: () => {} });
    for (const packet of CONNECTION) analyzer.add(packet);
    analyzer.add(at(2000, ethernet(0x0806), hex('00')));
    analyzer.add(at(2001, ethernet(0x0800), ipv4(tcp({ dataOffset: 3 }))));
    analyzer.add(makePacket({ data: client(2).subarray(0, 40), origlen: 54, tsNs: BASE_NS + 3_000_000_000n }));
    expect(analyzer.summary()).toEqual({
      packets: 11,
      bytes: 10 * 54 + 5 + 15,
      truncated: 1,
      fragments: 0,
      first: { sec: 1_700_000_000, nsec: 0 },
      last: { sec: 1_700_000_003, nsec: 0 },
      protocols: { IPv4: 10, ARP: 1, TCP: 10 },
      applications: {},
      malformed: { headerLength: 1, truncated: 1 },
      flows: { total: 1, active: 1, forced: 0 },
      alerts: [],
      forgotten: 0,
      talkers: [
        { address: '10.0.0.1', packets: 8, bytes: 8 * 54 + 5 },
        { address: '10.0.0.2', packets: 8, bytes: 8 * 54 + 5 },
      ],
      talkersExact: true,
    });
  });

  it('counts flows by application protocol, those that go on among them', () => {
    const analyzer = new Analyzer({ onEvents: () => {} });
    const frames = cryptoFrame(0, clientHello(serverName('example.org')));
    const first = initialPacket({ dcid: hex('0102030405060708'), frames });
    analyzer.add(at(0, ethernet(0x0800), ipv4(udp(first), { protocol: 17 })));
    expect(analyzer.summary().applications).toEqual({ quic: 1 });
    analyzer.finish();
    expect(analyzer.summary().applications).toEqual({ quic: 1 });
  });

  it('says nothing of time before the first packet', () => {
    const analyzer = new Analyzer({ onEvents: () => {} });
    expect(analyzer.summary()).toMatchObject({ packets: 0, first: undefined, last: undefined, talkers: [] });
  });

  it('never holds more flows than it may', () => {
    const many = Array.from({ length: 50 }, (_, i) => at(i, there(tcp({ srcPort: i }))));
    const reasons = eventsOf(many, { maxFlows: 10 }).map((event) => (event.flow as Json | undefined)?.reason);
    expect(reasons.filter((reason) => reason === 'forced')).toHaveLength(40);
    expect(reasons.filter((reason) => reason === 'shutdown')).toHaveLength(10);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses maxFlows=%d', (maxFlows) => {
    expect(() => new Analyzer({ onEvents: () => {}, maxFlows })).toThrow(RangeError);
  });

  it('believes nothing of a packet that was overwritten while it was read', () => {
    const analyzer = new Analyzer({ onEvents: () => {} });
    analyzer.add(lapped(hex('ffffffff')));
    analyzer.add(lapped(client(2)));
    expect(analyzer.summary()).toMatchObject({ packets: 0, flows: { total: 0 } });
  });

  it('looks at the packets of a chunk one by one where some of them were overwritten', () => {
    const packets = [...CONNECTION, lapped(client(2)), lapped(hex('ffffffff'))];
    const whole = eventsOf(CONNECTION).slice(0, -1);
    const events: Json[] = [];
    const analyzer = new Analyzer({ onEvents: eventsTo((event) => events.push(event)) });
    analyzer.addChunk({ length: packets.length, at: (index) => packets[index]!, isIntact: () => false });
    analyzer.finish();
    expect(events.slice(0, -1)).toEqual(whole);
    expect(events.at(-1)).toMatchObject({ stats: { decoder: { pkts: CONNECTION.length } } });
  });

  it('throws what a listener throws once all packets at hand were looked at, and loses none', () => {
    const flows = Array.from({ length: 600 }, (_, i) => at(i, there(tcp({ srcPort: i }))));
    const hour = 3_600_000;
    const chunk = [at(hour, client(2)), at(hour + 1, server(0x12))];
    let handedOver = 0;
    const onEvents = (_lines: Uint8Array, count: number) => {
      const isFirst = handedOver === 0;
      handedOver += count;
      throw new Error(isFirst ? 'first' : `after ${handedOver}`);
    };
    const analyzer = new Analyzer({ onEvents });
    for (const packet of flows) analyzer.add(packet);
    // Its first packet ends all flows, whose events are more than is kept.
    const add = () => analyzer.addChunk({ length: chunk.length, at: (i) => chunk[i]!, isIntact: () => true });
    expect(add).toThrow('first');
    expect(analyzer.taken).toBe(flows.length + chunk.length);
    expect(() => analyzer.finish()).toThrow(`after ${flows.length + 2}`);
    expect(handedOver).toBe(flows.length + 2);
    expect(() => analyzer.finish()).not.toThrow();
  });

  it('passes on that a packet view is closed', () => {
    const packet = at(0, client(2));
    packet.close();
    expect(() => new Analyzer({ onEvents: () => {} }).add(packet)).toThrow(ClosedError);
  });

  it('counts every packet and throws on none, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.array(wildPackets(), { maxLength: 30 }), (packets) => {
        const events = eventsOf(packets, { maxFlows: 5 });
        expect(events.at(-1)).toMatchObject({ event_type: 'stats', stats: { decoder: { pkts: packets.length } } });
        for (const event of events) expect(event.timestamp).toMatch(EVE_TIME);
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it
    .skipIf(!corpusPresent)
    .each([
      'zeek+zeek/testing/btest/Traces/var-services-std-ports.pcap',
      'zeek+zeek/testing/btest/Traces/communityid/tcp.pcap',
      'zeek+zeek/testing/btest/Traces/icmp_dot1q.pcap',
      'zeek+zeek/testing/btest/Traces/ftp/ipv6.pcap',
      'DNS-OARC+dnscap/src/test/vlan11.pcap',
    ])('gives each flow of %s the packets and bytes that tshark gives it', async (name) => {
    const { path } = corpusFiles('valid').find((file) => file.path.endsWith(name))!;
    const theirs = new Map<string, { packets: number; bytes: number }>();
    for (const { id, length } of await communityIdsOf(path)) if (id !== undefined) addTo(theirs, id, 1, length);
    const ours = new Map<string, { packets: number; bytes: number }>();
    for (const { community_id: id, flow } of flowsOf(packetsOf(path)) as { community_id: string; flow: Counters }[]) {
      const bytes = flow.bytes_toserver + flow.bytes_toclient;
      addTo(ours, id, flow.pkts_toserver + flow.pkts_toclient, bytes);
    }
    expect(theirs.size).toBeGreaterThan(0);
    expect(ours).toEqual(theirs);
  });
});

interface Counters {
  readonly pkts_toserver: number;
  readonly pkts_toclient: number;
  readonly bytes_toserver: number;
  readonly bytes_toclient: number;
}

function addTo(
  sums: Map<string, { packets: number; bytes: number }>,
  id: string,
  packets: number,
  bytes: number,
): void {
  const sum = sums.get(id) ?? { packets: 0, bytes: 0 };
  sums.set(id, { packets: sum.packets + packets, bytes: sum.bytes + bytes });
}

/** A view whose record the tap has taken for other packets: its bytes may be anything. */
function lapped(data: Uint8Array): PacketView {
  const memory = memoryOf(new ArrayBuffer(recordBytes(data.length)), [makeInterface()]);
  memory.bytes.set(data, 32);
  const packet = new PacketView({ ...memory, isIntact: () => false });
  packet.moveTo(0, data.length, 0);
  return packet;
}
