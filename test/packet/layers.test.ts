import { describe, expect, it } from 'vitest';
import { Ipv6Extension, LayerProblem, NONE } from '../../src/packet/layer-codes.js';
import { Layers } from '../../src/packet/layers.js';
import { makePacket, type PacketFields } from '../../src/packet/packet-view.js';
import { concat, ethernet, hex, icmp, ipv4, ipv6, tcp, u16, udp, vlanTag } from '../support/frames.js';
import { makeInterface } from '../support/packets.js';

function decoded(data: Uint8Array, linktype = 1, fields: Partial<PacketFields> = {}): Layers {
  const layers = new Layers();
  layers.decode(makePacket({ data, interface: makeInterface({ linktype }), ...fields }));
  return layers;
}

const SYN = ipv4(tcp());

describe('Layers', () => {
  it('finds TCP over IPv4 over Ethernet', () => {
    const segment = tcp({ srcPort: 40_000, dstPort: 443, seq: 7, ack: 9, flags: 0x18, window: 99 }, hex('aabbcc'));
    expect(decoded(concat(ethernet(0x0800), ipv4(segment)))).toMatchObject({
      etherType: 0x0800,
      vlanCount: 0,
      l3Offset: 14,
      ipVersion: 4,
      protocol: 6,
      l4Offset: 34,
      l4Length: 23,
      srcPort: 40_000,
      dstPort: 443,
      tcpSeq: 7,
      tcpAck: 9,
      tcpFlags: 0x18,
      tcpWindow: 99,
      payloadOffset: 54,
      payloadLength: 3,
      fragment: 0,
      problem: LayerProblem.none,
    });
  });

  it('believes the IP length and not the padding of a short Ethernet frame', () => {
    const padded = concat(ethernet(0x0800), ipv4(udp(hex('01'), {}), { protocol: 17 }), new Uint8Array(17));
    expect(decoded(padded)).toMatchObject({ payloadLength: 1, problem: LayerProblem.none });
  });

  it('finds the transport header behind IPv4 options and TCP options', () => {
    const options = hex('0101010101010100');
    const segment = concat(tcp({ dataOffset: 6 }), hex('01010100'), hex('ff'));
    const layers = decoded(concat(ethernet(0x0800), ipv4(segment, { options })));
    expect(layers).toMatchObject({ l4Offset: 14 + 28, payloadOffset: 14 + 28 + 24, payloadLength: 1 });
  });

  it('keeps the VLAN ids of two tags and counts all', () => {
    const tags = concat(ethernet(0x88a8), vlanTag(0xe064, 0x8100), vlanTag(5, 0x8100), vlanTag(6, 0x0800));
    const layers = decoded(concat(tags, SYN));
    expect(layers).toMatchObject({ vlanCount: 3, vlanOuter: 100, vlanInner: 5, etherType: 0x0800, dstPort: 80 });
  });

  it.each([
    ['Linux cooked', 113, concat(new Uint8Array(14), u16(0x0800)), 16],
    ['Linux cooked v2', 276, concat(u16(0x0800), new Uint8Array(18)), 20],
    ['BSD loopback, little-endian', 0, hex('02000000'), 4],
    ['BSD loopback, big-endian', 0, hex('00000002'), 4],
    ['OpenBSD loopback', 108, hex('00000002'), 4],
    ['raw IP', 101, new Uint8Array(), 0],
    ['raw IP (12)', 12, new Uint8Array(), 0],
    ['raw IP (14)', 14, new Uint8Array(), 0],
    ['raw IPv4', 228, new Uint8Array(), 0],
  ])('finds IPv4 in %s (linktype %i)', (_, linktype, header, l3Offset) => {
    expect(decoded(concat(header, SYN), linktype)).toMatchObject({ l3Offset, ipVersion: 4, srcPort: 1234 });
  });

  it.each([
    [0, hex('1e000000')],
    [0, hex('0000001c')],
    [108, hex('00000018')],
    [101, new Uint8Array()],
    [229, new Uint8Array()],
  ])('finds IPv6 in linktype %i', (linktype, header) => {
    expect(decoded(concat(header, ipv6(6, tcp())), linktype)).toMatchObject({ ipVersion: 6, srcPort: 1234 });
  });

  it('passes the extension headers of IPv6', () => {
    const hopByHop = hex('2b00 050200000000');
    const routing = hex('3c00 000000000000');
    const destination = hex('3300 010400000000');
    const authentication = hex('1104 0000 00000001 00000002 000102030405060708090a0b');
    const payload = concat(hopByHop, routing, destination, authentication, udp(hex('0102')));
    const layers = decoded(concat(ethernet(0x86dd), ipv6(0, payload)));
    const { hopByHop: h, routing: r, destination: d, authentication: a } = Ipv6Extension;
    expect(layers).toMatchObject({ protocol: 17, extensions: h | r | d | a, dstPort: 53, payloadLength: 2 });
  });

  it('tells the first fragment from the later ones', () => {
    const first = decoded(
      concat(ethernet(0x0800), ipv4(udp(hex('0102'), { length: 999 }), { protocol: 17, fragment: 0x2000 })),
    );
    expect(first).toMatchObject({ fragment: 1, fragmentOffset: 0, moreFragments: 1, dstPort: 53, problem: 0 });
    const later = decoded(concat(ethernet(0x0800), ipv4(udp(), { protocol: 17, fragment: 0x0002 })));
    expect(later).toMatchObject({ fragment: 1, fragmentOffset: 16, moreFragments: 0, dstPort: NONE, payloadLength: 8 });
  });

  it('tells fragments of IPv6, and that an atomic one is none', () => {
    const fragmentOf = (field: string) => decoded(ipv6(44, concat(hex(`1100 ${field} 00000001`), udp())), 101);
    expect(fragmentOf('0001')).toMatchObject({ fragment: 1, fragmentOffset: 0, moreFragments: 1, dstPort: 53 });
    expect(fragmentOf('0588')).toMatchObject({ fragment: 1, fragmentOffset: 1416, dstPort: NONE, protocol: 17 });
    expect(fragmentOf('0000')).toMatchObject({ fragment: 0, dstPort: 53 });
  });

  it('reads the type and code of the ICMP that belongs to the IP version', () => {
    const unreachable = icmp(3, 1, new Uint8Array(4));
    expect(decoded(ipv4(unreachable, { protocol: 1 }), 101)).toMatchObject({ icmpType: 3, icmpCode: 1 });
    expect(decoded(ipv6(58, icmp(128, 0, new Uint8Array(4))), 101)).toMatchObject({ icmpType: 128, icmpCode: 0 });
    expect(decoded(ipv4(unreachable, { protocol: 58 }), 101)).toMatchObject({ icmpType: NONE, payloadLength: 8 });
  });

  it('reads SCTP ports', () => {
    const sctp = concat(u16(9), u16(10), new Uint8Array(8));
    expect(decoded(ipv4(sctp, { protocol: 132 }), 101)).toMatchObject({ srcPort: 9, dstPort: 10, payloadLength: 0 });
  });

  it('takes the frame to be the packet where segmentation offload left the length 0', () => {
    expect(decoded(ipv4(tcp({}, hex('0102')), { totalLength: 0 }), 101)).toMatchObject({
      payloadLength: 2,
      problem: 0,
    });
    expect(decoded(ipv6(6, tcp({}, hex('0102')), 0), 101)).toMatchObject({ payloadLength: 2, problem: 0 });
  });

  it('tells what the wire had when the capture was cut', () => {
    const layers = decoded(concat(ethernet(0x0800), SYN).subarray(0, 40), 1, { origlen: 54 });
    expect(layers).toMatchObject({ srcPort: 1234, payloadOffset: NONE, problem: LayerProblem.truncated });
    const payloadCut = decoded(concat(ethernet(0x0800), ipv4(tcp({}, hex('00')), { totalLength: 1500 })), 1, {
      origlen: 1514,
    });
    expect(payloadCut).toMatchObject({ payloadLength: 1460, problem: LayerProblem.none });
  });

  it.each([
    ['a frame that ends in its Ethernet header', hex('00'), LayerProblem.short],
    ['a VLAN tag that is cut', concat(ethernet(0x8100), hex('0005')), LayerProblem.short],
    ['an IPv6 packet announced as IPv4', concat(ethernet(0x0800), ipv6(6, tcp())), LayerProblem.version],
    [
      'an IPv4 packet announced as IPv6',
      concat(ethernet(0x86dd), ipv4(tcp()), new Uint8Array(9)),
      LayerProblem.version,
    ],
    ['an IPv4 header length below 5', concat(ethernet(0x0800), hex('44'), SYN.subarray(1)), LayerProblem.headerLength],
    [
      'an IPv4 length below its header',
      concat(ethernet(0x0800), ipv4(tcp(), { totalLength: 19 })),
      LayerProblem.length,
    ],
    [
      'an IP length beyond the frame',
      concat(ethernet(0x0800), ipv4(tcp(), { totalLength: 41 })),
      LayerProblem.beyondFrame,
    ],
    ['a packet that ends in its TCP header', concat(ethernet(0x0800), ipv4(tcp().subarray(0, 19))), LayerProblem.short],
    ['a TCP data offset below 5', concat(ethernet(0x0800), ipv4(tcp({ dataOffset: 4 }))), LayerProblem.headerLength],
    [
      'a TCP data offset beyond the packet',
      concat(ethernet(0x0800), ipv4(tcp({ dataOffset: 6 }))),
      LayerProblem.headerLength,
    ],
    [
      'a UDP length below 8',
      concat(ethernet(0x0800), ipv4(udp(hex('00'), { length: 7 }), { protocol: 17 })),
      LayerProblem.length,
    ],
    [
      'a UDP length beyond IP',
      concat(ethernet(0x0800), ipv4(udp(hex('00'), { length: 10 }), { protocol: 17 })),
      LayerProblem.length,
    ],
    ['an extension header that is cut', concat(ethernet(0x86dd), ipv6(0, hex('0600'))), LayerProblem.short],
  ])('names what is wrong with %s', (_, data, problem) => {
    expect(decoded(data).problem).toBe(problem);
  });

  it('forgets the packet before', () => {
    const layers = new Layers();
    layers.decode(makePacket({ data: concat(ethernet(0x8100), vlanTag(5, 0x0800), SYN) }));
    layers.decode(makePacket({ data: new Uint8Array() }));
    const fresh = new Layers();
    fresh.decode(makePacket({ data: new Uint8Array() }));
    expect({ ...layers }).toEqual({ ...fresh });
  });

  it('knows nothing of a linktype that it does not know', () => {
    expect(decoded(SYN, 147)).toMatchObject({ l3Offset: NONE, ipVersion: 0, problem: LayerProblem.none });
  });
});
