import { describe, expect, it } from 'vitest';
import { PacketDecoder } from '../../../src/analyzer/decode/decoder.js';
import { IpProtocol, type Layers } from '../../../src/index.js';
import { makePacket, type PacketView } from '../../../src/packet/packet-view.js';
import { corpusFiles, corpusPresent } from '../../support/corpus.js';
import { concat, ethernet, hex, ipv4, ipv6, tcp, u16, udp, vlanTag } from '../../support/frames.js';
import { makeInterface } from '../../support/packets.js';
import { packetsOf } from '../../support/pcap-packets.js';
import { output } from '../../support/run.js';

/** What was read of the innermost packet, how deep it lay, and all events. */
function decoded(packet: PacketView) {
  const decoder = new PacketDecoder();
  let layers: Layers = decoder.decode(packet);
  const events = [...decoder.events];
  for (let next = decoder.inner(packet); next !== undefined; next = decoder.inner(packet)) {
    layers = next;
    events.push(...decoder.events);
  }
  events.push(...decoder.events);
  const { ipVersion, protocol, srcPort, dstPort, vlanOuter, l3Offset } = layers;
  return { ipVersion, protocol, srcPort, dstPort, vlanOuter, l3Offset, depth: decoder.depth, events };
}

const packet = (linktype: number, ...parts: Uint8Array[]) =>
  makePacket({ data: concat(...parts), interface: makeInterface({ linktype }) });
const wired = (...parts: Uint8Array[]) => packet(1, ...parts);
const SEGMENT = ipv4(tcp({ srcPort: 7, dstPort: 9 }));
const SNAP = hex('aaaa03000000 0800');

describe('headers before IP', () => {
  it.each([
    ['MPLS, two labels', wired(ethernet(0x8847), hex('0001e0ff 000141ff'), SEGMENT)],
    ['MPLS, behind a VLAN tag', wired(ethernet(0x8100), vlanTag(5, 0x8847), hex('000141ff'), SEGMENT)],
    ['Ethernet over MPLS', wired(ethernet(0x8847), hex('000141ff 00000000'), ethernet(0x0800), SEGMENT)],
    ['a PPPoE session', wired(ethernet(0x8864), hex('1100 0001 0030 0021'), SEGMENT)],
    ['PPP', packet(9, hex('ff030021'), SEGMENT)],
    ['PPP, compressed', packet(9, hex('21'), SEGMENT)],
    ["Cisco's HDLC", packet(104, hex('0f000800'), SEGMENT)],
    ['a provider backbone bridge', wired(ethernet(0x88e7), hex('00000001'), ethernet(0x0800), SEGMENT)],
    ['802.3 with SNAP', wired(ethernet(100), SNAP, SEGMENT)],
    ['802.11', packet(105, hex('0801'), new Uint8Array(22), SNAP, SEGMENT)],
    ['802.11 with QoS, between access points', packet(105, hex('8803'), new Uint8Array(30), SNAP, SEGMENT)],
    ['radiotap', packet(127, hex('0000 0a00 000000000000 0801'), new Uint8Array(22), SNAP, SEGMENT)],
  ])('are passed: %s', (_, frame) => {
    expect(decoded(frame)).toMatchObject({ ipVersion: 4, protocol: 6, srcPort: 7, dstPort: 9, depth: 0, events: [] });
  });

  it('carry nothing readable in encrypted 802.11 frames, and in frames without data', () => {
    for (const control of ['0841', '4801', '8000']) {
      const frame = packet(105, hex(control), new Uint8Array(22), SNAP, SEGMENT);
      expect(decoded(frame)).toMatchObject({ ipVersion: 0, events: [] });
    }
  });
});

describe('tunnels', () => {
  const inUdp = (dstPort: number, ...parts: Uint8Array[]) =>
    wired(ethernet(0x0800), ipv4(udp(concat(...parts), { dstPort }), { protocol: 17 }));
  const inIp = (protocol: number, ...parts: Uint8Array[]) =>
    wired(ethernet(0x0800), ipv4(concat(...parts), { protocol }));

  it.each([
    ['IPv4 in IPv4', inIp(4, SEGMENT)],
    ['IPv6 in IPv4', inIp(41, ipv6(6, tcp({ srcPort: 7, dstPort: 9 })))],
    ['IPv4 in IPv6', wired(ethernet(0x86dd), ipv6(4, SEGMENT))],
    ['GRE', inIp(47, hex('00000800'), SEGMENT)],
    ['GRE with checksum, key and sequence', inIp(47, hex('b0000800'), new Uint8Array(12), SEGMENT)],
    ['Ethernet over GRE', inIp(47, hex('00006558'), ethernet(0x0800), SEGMENT)],
    ['PPTP', inIp(47, hex('3081880b 002c0001 00000001 00000002 ff030021'), SEGMENT)],
    ['ERSPAN II', inIp(47, hex('100088be 00000001 1001000000000000'), ethernet(0x0800), SEGMENT)],
    ['VXLAN', inUdp(4789, hex('0800000000000100'), ethernet(0x0800), SEGMENT)],
    ['Geneve with an option', inUdp(6081, hex('0100655800000100 01020300'), ethernet(0x0800), SEGMENT)],
    ['Teredo', inUdp(3544, hex('0000 1234 01020304'), ipv6(6, tcp({ srcPort: 7, dstPort: 9 })))],
  ])('are looked into: %s', (_, frame) => {
    expect(decoded(frame)).toMatchObject({ protocol: 6, srcPort: 7, dstPort: 9, depth: 1, events: [] });
  });

  it('are looked into sixteen deep and no deeper', () => {
    let data = SEGMENT;
    for (let i = 0; i < 100; i++) data = ipv4(data, { protocol: 4 });
    expect(decoded(wired(ethernet(0x0800), data))).toMatchObject({ depth: 15, events: ['too_many_layers'] });
  });
});

const INNERMOST = ['tcp.srcport', 'tcp.dstport', 'udp.srcport', 'udp.dstport'];

/** Ports of the innermost TCP or UDP header of each packet, as tshark sees them. */
async function portsByTshark(path: string): Promise<string[]> {
  const fields = INNERMOST.flatMap((field) => ['-e', field]);
  const options = ['-o', 'ip.defragment:FALSE', '-o', 'ipv6.defragment:FALSE', '-E', 'occurrence=l', '-T', 'fields'];
  const text = (await output('tshark', ['-n', '-r', path, ...options, ...fields])).toString();
  return text.split('\n').slice(0, -1);
}

describe.skipIf(!corpusPresent)('of real captures', () => {
  it.each([
    'the-tcpdump-group+tcpdump/tests/geneve.pcap',
    'zeek+zeek/testing/btest/Traces/mixed-vlan-mpls.pcap',
    'zeek+zeek/testing/btest/Traces/pppoe-over-qinq.pcap',
    'zeek+zeek/testing/btest/Traces/radiotap.pcap',
    'zeek+zeek/testing/btest/Traces/tunnels/4in6.pcap',
    'zeek+zeek/testing/btest/Traces/tunnels/6in6in6.pcap',
    'zeek+zeek/testing/btest/Traces/tunnels/geneve-many-options.pcap',
    'zeek+zeek/testing/btest/Traces/tunnels/gre-pptp.pcap',
    'zeek+zeek/testing/btest/Traces/tunnels/gre-within-gre.pcap',
  ])('the innermost ports are those that tshark finds: %s', async (name) => {
    const { path } = corpusFiles('valid').find((file) => file.path.endsWith(name))!;
    const theirs = await portsByTshark(path);
    let compared = 0;
    for (const [at, frame] of packetsOf(path).entries()) {
      const { protocol, srcPort, dstPort } = decoded(frame);
      if (srcPort < 0 || (protocol !== IpProtocol.tcp && protocol !== IpProtocol.udp)) continue;
      const [tcpSrc, tcpDst, udpSrc, udpDst] = theirs[at]!.split('\t');
      const expected = protocol === IpProtocol.tcp ? [tcpSrc, tcpDst] : [udpSrc, udpDst];
      expect([at, String(srcPort), String(dstPort)]).toEqual([at, ...expected]);
      compared++;
    }
    expect(compared).toBeGreaterThan(0);
  });
});

describe('lengths', () => {
  it('of an inner packet leave out what lies around it', () => {
    const decoder = new PacketDecoder();
    const frame = wired(ethernet(0x0800), ipv4(SEGMENT, { protocol: 4 }), u16(0));
    decoder.decode(frame);
    decoder.inner(frame);
    expect(decoder.length).toBe(40);
  });
});
