import { describe, expect, it } from 'vitest';
import { FlowKey } from '../../../src/analyzer/flow/flow-key.js';
import { Layers } from '../../../src/packet/layers.js';
import { makePacket, type PacketView } from '../../../src/packet/packet-view.js';
import { communityId } from '../../support/community-id.js';
import { communityIdsOf } from '../../support/community-ids.js';
import { corpusFiles, corpusPresent } from '../../support/corpus.js';
import { concat, ethernet, icmp, ipv4, tcp, udp } from '../../support/frames.js';
import { packetsOf } from '../../support/pcap-packets.js';

const ZEEK = 'zeek+zeek/testing/btest/Traces';
const CAPTURES = [
  [`${ZEEK}/communityid/tcp.pcap`, 12],
  [`${ZEEK}/communityid/udp.pcap`, 2],
  [`${ZEEK}/communityid/icmp.pcap`, 12],
  [`${ZEEK}/communityid/icmp6.pcap`, 49],
  [`${ZEEK}/communityid/ipv6.pcap`, 17],
  [`${ZEEK}/communityid/sctp.pcap`, 74],
  [`${ZEEK}/icmp_dot1q.pcap`, 9],
  ['LibtraceTeam+libtrace/test/traces/etsi_10_pings.pcap', 143],
  [`${ZEEK}/igmp/igmp-many-groups.pcap`, 450],
] as const;

const layers = new Layers();
const key = new FlowKey();

/** The ID of the packet's flow; undefined if it belongs to none. */
function idOf(packet: PacketView, seed?: number): string | undefined {
  layers.decode(packet);
  return key.fill(packet, layers) ? communityId(key, seed) : undefined;
}

const packetOf = (ip: Uint8Array) => makePacket({ data: concat(ethernet(0x0800), ip) });
const there = { src: '127.0.0.1', dst: '10.0.0.1' };
const back = { src: '10.0.0.1', dst: '127.0.0.1' };

describe('a Community ID', () => {
  it("is the specification's for its example, in both directions", () => {
    const expected = '1:mgRgpIZSu0KHDp/QrtcWZpkJpMU=';
    expect(idOf(packetOf(ipv4(tcp({ srcPort: 1234, dstPort: 80 }), there)))).toBe(expected);
    expect(idOf(packetOf(ipv4(tcp({ srcPort: 80, dstPort: 1234 }), back)))).toBe(expected);
  });

  it('differs by protocol and by seed', () => {
    const datagram = packetOf(ipv4(udp(undefined, { srcPort: 1234, dstPort: 80 }), { ...there, protocol: 17 }));
    const segment = packetOf(ipv4(tcp({ srcPort: 1234, dstPort: 80 }), there));
    expect(new Set([idOf(datagram), idOf(datagram, 1), idOf(segment), idOf(segment, 1)]).size).toBe(4);
  });

  it('is one for a question and its answer, and two for messages that nothing answers', () => {
    const message = (type: number, code: number, ends: object) =>
      idOf(packetOf(ipv4(icmp(type, code, new Uint8Array(4)), { ...ends, protocol: 1 })));
    expect(message(8, 0, there)).toBe(message(0, 0, back));
    expect(message(3, 3, there)).not.toBe(message(3, 3, back));
  });

  it.skipIf(!corpusPresent).each(CAPTURES)('is what tshark says for each packet of %s', async (name, expected) => {
    const { path } = corpusFiles('valid').find((file) => file.path.endsWith(name))!;
    const theirs = await communityIdsOf(path);
    const ours = packetsOf(path).map((packet) => idOf(packet));
    expect(ours).toEqual(theirs.map(({ id }) => id));
    expect(ours.filter((id) => id !== undefined)).toHaveLength(expected);
  });
});
