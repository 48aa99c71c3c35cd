// Each decoder event is told of a packet made for it, and what else is told of these packets is what the real Suricata tells.

import { describe, expect, it } from 'vitest';
import { PacketDecoder } from '../../../src/analyzer/decode/decoder.js';
import { DECODER_EVENTS } from '../../../src/analyzer/decode/events.js';
import { makePacket, type PacketView } from '../../../src/packet/packet-view.js';
import { concat, ethernet, hex, icmp, ipv4, ipv6, tcp, udp, vlanTag } from '../../support/frames.js';
import { makeInterface } from '../../support/packets.js';
import { suricataEvents, suricataMissing } from '../../support/suricata.js';
import { savefileOf } from '../../support/udp-savefile.js';

const packet = (linktype: number, ...parts: Uint8Array[]) =>
  makePacket({ data: concat(...parts), interface: makeInterface({ linktype }) });
const wired = (...parts: Uint8Array[]) => packet(1, ...parts);
const SEGMENT = ipv4(tcp({ srcPort: 7, dstPort: 9 }));
const FOUR_TAGS = [0x8100, 0x8100, 0x8100, 0x0800].map((next) => vlanTag(1, next));
const options4 = (options: string) => wired(ethernet(0x0800), ipv4(tcp(), { options: hex(options) }));
/** An IPv6 packet with extension headers, the last of which leads to TCP. */
const extension = (first: number, headers: string, payload = tcp()) =>
  wired(ethernet(0x86dd), ipv6(first, concat(hex(headers), payload)));

/** Told of other packets than a decoder sees alone, or of packets too long for a table. */
const ELSEWHERE = [
  'ipv4.frag_overlap',
  'ipv4.frag_pkt_too_large',
  'ipv6.frag_overlap',
  'ipv6.frag_pkt_too_large',
  'too_many_layers',
];

/** Suricata tells nothing of an IPv6 packet that is too small, nor of SCTP in rules, nor of VXLAN without a network. */
const OURS_ALONE: readonly string[] = ['ipv6.pkt_too_small', 'sctp.pkt_too_small', 'vxlan.unknown_payload_type'];

const PACKETS = [
  ['ethernet.pkt_too_small', wired(hex('00'))],
  ['vlan.header_too_small', wired(ethernet(0x8100), hex('00'))],
  ['sll.pkt_too_small', packet(113, hex('00'))],
  ['ltnull.pkt_too_small', packet(0, hex('02'))],
  ['ppp.pkt_too_small', packet(9, hex('ff03'))],
  ['pppoe.pkt_too_small', wired(ethernet(0x8864), hex('1100'))],
  ['ieee8021ah.header_too_small', wired(ethernet(0x88e7), hex('00000001'), ethernet(0x0800).subarray(1))],
  ['mpls.header_too_small', wired(ethernet(0x8847), hex('00'))],
  ['mpls.pkt_too_small', wired(ethernet(0x8847), hex('000141ff'))],
  ['mpls.bad_label_router_alert', wired(ethernet(0x8847), hex('000011ff'), SEGMENT)],
  ['mpls.bad_label_implicit_null', wired(ethernet(0x8847), hex('000031ff'), SEGMENT)],
  ['mpls.bad_label_reserved', wired(ethernet(0x8847), hex('000051ff'), SEGMENT)],
  ['mpls.unknown_payload_type', wired(ethernet(0x8847), hex('000141ff 10000000'))],
  ['ipraw.invalid_ip_version', packet(101, hex('10'), new Uint8Array(40))],
  ['ipv4.pkt_too_small', wired(ethernet(0x0800), hex('45'))],
  ['ipv4.hlen_too_small', wired(ethernet(0x0800), hex('44'), SEGMENT.subarray(1))],
  ['ipv4.iplen_smaller_than_hlen', wired(ethernet(0x0800), ipv4(tcp(), { totalLength: 19 }))],
  ['ipv4.trunc_pkt', wired(ethernet(0x0800), ipv4(tcp(), { totalLength: 99 }))],
  ['ipv4.wrong_ip_version', wired(ethernet(0x0800), hex('55'), SEGMENT.subarray(1))],
  ['ipv4.opt_invalid_len', wired(ethernet(0x0800), ipv4(tcp(), { options: hex('07ff000000000000') }))],
  ['ipv4.icmpv6', wired(ethernet(0x0800), ipv4(icmp(1, 0, hex('00')), { protocol: 58 }))],
  ['ipv6.pkt_too_small', wired(ethernet(0x86dd), hex('60'))],
  ['ipv6.trunc_pkt', wired(ethernet(0x86dd), ipv6(6, tcp(), 99))],
  ['ipv6.trunc_exthdr', wired(ethernet(0x86dd), ipv6(0, hex('06')))],
  ['ipv6.wrong_ip_version', wired(ethernet(0x86dd), hex('50'), ipv6(6, tcp()).subarray(1))],
  ['ipv6.exthdr_useless_fh', wired(ethernet(0x86dd), ipv6(44, concat(hex('0600000000000001'), tcp())))],
  ['ipv6.icmpv4', wired(ethernet(0x86dd), ipv6(1, icmp(8, 0, hex('00000000'))))],
  ['tcp.pkt_too_small', wired(ethernet(0x0800), ipv4(tcp().subarray(0, 12)))],
  ['tcp.hlen_too_small', wired(ethernet(0x0800), ipv4(tcp({ dataOffset: 15 })))],
  ['tcp.invalid_optlen', wired(ethernet(0x0800), ipv4(tcp({ dataOffset: 4 }, new Uint8Array(60))))],
  ['tcp.opt_invalid_len', wired(ethernet(0x0800), ipv4(tcp({ dataOffset: 6 }, hex('020300ff'))))],
  ['udp.hlen_too_small', wired(ethernet(0x0800), ipv4(udp().subarray(0, 6), { protocol: 17 }))],
  ['udp.len_invalid', wired(ethernet(0x0800), ipv4(udp(undefined, { length: 7 }), { protocol: 17 }))],
  ['sctp.pkt_too_small', wired(ethernet(0x0800), ipv4(hex('0001000200'), { protocol: 132 }))],
  ['icmpv4.pkt_too_small', wired(ethernet(0x0800), ipv4(hex('0800'), { protocol: 1 }))],
  ['icmpv4.unknown_type', wired(ethernet(0x0800), ipv4(icmp(77, 0, hex('00000000')), { protocol: 1 }))],
  ['icmpv4.unknown_code', wired(ethernet(0x0800), ipv4(icmp(8, 9, hex('00000000')), { protocol: 1 }))],
  ['icmpv6.pkt_too_small', wired(ethernet(0x86dd), ipv6(58, hex('80')))],
  ['icmpv6.unknown_type', wired(ethernet(0x86dd), ipv6(58, icmp(127, 0, hex('00000000'))))],
  ['gre.pkt_too_small', wired(ethernet(0x0800), ipv4(hex('0000'), { protocol: 47 }))],
  ['gre.wrong_version', wired(ethernet(0x0800), ipv4(hex('00020800'), { protocol: 47 }))],
  ['gre.version0_recur', wired(ethernet(0x0800), ipv4(hex('01000800'), { protocol: 47 }))],
  ['gre.version0_flags', wired(ethernet(0x0800), ipv4(hex('00080800'), { protocol: 47 }))],
  ['gre.version0_hdr_too_big', wired(ethernet(0x0800), ipv4(hex('20000800'), { protocol: 47 }))],
  ['gre.version1_wrong_protocol', wired(ethernet(0x0800), ipv4(hex('20010800'), { protocol: 47 }))],
  ['gre.version1_no_key', wired(ethernet(0x0800), ipv4(hex('0001880b'), { protocol: 47 }))],
  ['gre.version1_hdr_too_big', wired(ethernet(0x0800), ipv4(hex('3001880b 00000000'), { protocol: 47 }))],
  [
    'vxlan.unknown_payload_type',
    wired(ethernet(0x0800), ipv4(udp(new Uint8Array(8), { dstPort: 4789 }), { protocol: 17 })),
  ],
  [
    'geneve.unknown_payload_type',
    wired(ethernet(0x0800), ipv4(udp(hex('0000999900000000'), { dstPort: 6081 }), { protocol: 17 })),
  ],
  ['ltnull.unsupported_type', packet(0, hex('63000000'), SEGMENT)],
  ['chdlc.pkt_too_small', packet(104, hex('0f00'))],
  ['ppp.ip4_pkt_too_small', packet(9, hex('0021 45'))],
  ['ppp.vju_pkt_too_small', packet(9, hex('002f 45'))],
  ['ppp.ip6_pkt_too_small', packet(9, hex('0057 60'))],
  ['ppp.unsup_proto', packet(9, hex('c021 0101'))],
  ['ppp.wrong_type', packet(9, hex('1234 0101'))],
  ['pppoe.wrong_code', wired(ethernet(0x8863), hex('1133 0001 0000'))],
  ['pppoe.malformed_tags', wired(ethernet(0x8863), hex('1109 0001 0007 01010002 0000'))],
  ['vlan.unknown_type', wired(ethernet(0x8100), vlanTag(1, 0x1234), new Uint8Array(40))],
  ['vlan.too_many_layers', wired(ethernet(0x8100), ...FOUR_TAGS, SEGMENT)],
  ['ipv4.opt_invalid', options4('c8040000 00000000')],
  ['ipv4.opt_malformed', options4('0707030000000000')],
  ['ipv4.opt_pad_required', options4('01010101')],
  ['ipv4.opt_eol_required', options4('0101010101010107')],
  ['ipv4.opt_duplicate', options4('9404000094040000')],
  ['ipv6.exthdr_dupl_fh', extension(44, '2c00 0000 00000001 0600 0000 00000001')],
  ['ipv6.exthdr_dupl_rh', extension(43, '2b00020000000000 0600020000000000')],
  ['ipv6.exthdr_dupl_hh', extension(0, '0000050200000000 0600050200000000')],
  ['ipv6.exthdr_dupl_dh', extension(60, '3c00c90400000000 3c00c90400000000 0600c90400000000')],
  ['ipv6.exthdr_dupl_ah', extension(51, '3301 0000 00000001 00000001 0601 0000 00000001 00000001')],
  ['ipv6.exthdr_ah_res_not_null', extension(51, '0601 0001 00000001 00000001')],
  ['ipv6.exthdr_invalid_optlen', extension(0, '0600050200000109')],
  ['ipv6.hopopts_unknown_opt', extension(0, '06001e0400000000')],
  ['ipv6.hopopts_only_padding', extension(0, '0600010400000000')],
  ['ipv6.dstopts_unknown_opt', extension(60, '06001e0400000000')],
  ['ipv6.dstopts_only_padding', extension(60, '0600010400000000')],
  ['ipv6.rh_type_0', extension(43, '0600000000000000')],
  ['ipv6.zero_len_padn', extension(0, '0600050200000100')],
  ['ipv6.data_after_none_header', wired(ethernet(0x86dd), ipv6(59, hex('00')))],
  ['ipv6.unknown_next_header', wired(ethernet(0x86dd), ipv6(200, hex('00')))],
  ['ipv6.ipv4_in_ipv6_too_small', wired(ethernet(0x86dd), ipv6(4, hex('45')))],
  ['ipv6.ipv4_in_ipv6_wrong_version', wired(ethernet(0x86dd), ipv6(4, new Uint8Array(20)))],
  ['ipv6.ipv6_in_ipv6_too_small', wired(ethernet(0x86dd), ipv6(41, hex('60')))],
  ['ipv6.ipv6_in_ipv6_wrong_version', wired(ethernet(0x86dd), ipv6(41, new Uint8Array(40)))],
  ['ipv6.fh_non_zero_reserved_field', extension(44, '0601000100000002')],
  ['ipv6.frag_invalid_length', extension(44, '0600000100000003', hex('00'))],
  ['tcp.opt_duplicate', wired(ethernet(0x0800), ipv4(tcp({ dataOffset: 7 }, hex('0204000102040001'))))],
  ['udp.pkt_too_small', wired(ethernet(0x0800), ipv4(udp(undefined, { length: 99 }), { protocol: 17 }))],
  ['icmpv4.ipv4_trunc_pkt', wired(ethernet(0x0800), ipv4(icmp(3, 0, hex('0000000045')), { protocol: 1 }))],
  ['icmpv4.ipv4_unknown_ver', wired(ethernet(0x0800), ipv4(icmp(3, 0, new Uint8Array(24)), { protocol: 1 }))],
  ['icmpv6.unknown_code', wired(ethernet(0x86dd), ipv6(58, icmp(128, 9, hex('00000000'))))],
  ['icmpv6.ipv6_trunc_pkt', wired(ethernet(0x86dd), ipv6(58, icmp(1, 0, hex('0000000060'))))],
  ['icmpv6.ipv6_unknown_version', wired(ethernet(0x86dd), ipv6(58, icmp(1, 0, new Uint8Array(44))))],
  ['icmpv6.mld_message_with_invalid_hl', wired(ethernet(0x86dd), ipv6(58, icmp(130, 0, new Uint8Array(20))))],
  ['icmpv6.unassigned_type', wired(ethernet(0x86dd), ipv6(58, icmp(99, 0, hex('00000000'))))],
  ['icmpv6.experimentation_type', wired(ethernet(0x86dd), ipv6(58, icmp(100, 0, hex('00000000'))))],
  ['gre.version1_chksum', wired(ethernet(0x0800), ipv4(hex('a001880b 00000000'), { protocol: 47 }))],
  ['gre.version1_route', wired(ethernet(0x0800), ipv4(hex('6001880b 00000000'), { protocol: 47 }))],
  ['gre.version1_ssr', wired(ethernet(0x0800), ipv4(hex('2801880b 00000000'), { protocol: 47 }))],
  ['gre.version1_recur', wired(ethernet(0x0800), ipv4(hex('2101880b 00000000'), { protocol: 47 }))],
  ['gre.version1_flags', wired(ethernet(0x0800), ipv4(hex('2009880b 00000000'), { protocol: 47 }))],
] as const satisfies readonly (readonly [string, PacketView])[];

/** All that the decoder tells of a packet and those inside of it. */
function eventsOf(frame: PacketView): string[] {
  const decoder = new PacketDecoder();
  decoder.decode(frame);
  const events: string[] = [...decoder.events];
  while (decoder.inner(frame) !== undefined) events.push(...decoder.events);
  return [...events, ...decoder.events];
}

describe('decoder events', () => {
  it.each(PACKETS)('are told: %s', (name, frame) => {
    expect(eventsOf(frame)).toContain(name);
  });

  it('have a packet here, each of them', () => {
    expect([...PACKETS.map(([name]) => name), ...ELSEWHERE].sort()).toEqual([...DECODER_EVENTS].sort());
  });

  it('are not told of what the capture cut off', () => {
    const whole = concat(ethernet(0x8100), vlanTag(5, 0x0800), ipv4(tcp({ dataOffset: 8 }, new Uint8Array(12))));
    for (let caplen = 0; caplen <= whole.length; caplen++) {
      const cut = makePacket({ data: whole.subarray(0, caplen), origlen: whole.length });
      expect(eventsOf(cut)).toEqual([]);
    }
  });

  it.skipIf(suricataMissing !== undefined)('are those of Suricata, packet by packet', async () => {
    const wiredOnly = PACKETS.filter(([name, { linktype }]) => linktype === 1 && !OURS_ALONE.includes(name));
    const capture = savefileOf(wiredOnly.map(([, { data }]) => data));
    const rules = DECODER_EVENTS.map(
      (event, at) => `alert pkthdr any any -> any any (msg:"${event}"; decode-event:${event}; sid:${at + 1};)`,
    );
    const theirs = new Map<number, string[]>();
    for (const event of await suricataEvents(capture, rules.join('\n'))) {
      const { pcap_cnt: at, alert } = event as { pcap_cnt: number; alert?: { signature: string } };
      if (alert !== undefined) theirs.set(at, [...(theirs.get(at) ?? []), alert.signature]);
    }
    for (const [at, [name, frame]] of wiredOnly.entries()) {
      expect([name, theirs.get(at + 1)?.sort()]).toEqual([name, eventsOf(frame).sort()]);
    }
  });
});
