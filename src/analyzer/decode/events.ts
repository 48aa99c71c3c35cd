// What can be wrong with a packet's headers, by Suricata's names of its decoder events (decoder-events.rules), and how
// often each was.

/** The events that are told. */
export const DECODER_EVENTS = [
  'ethernet.pkt_too_small',
  'sll.pkt_too_small',
  'ltnull.pkt_too_small',
  'ltnull.unsupported_type',
  'chdlc.pkt_too_small',
  'ppp.pkt_too_small',
  'ppp.vju_pkt_too_small',
  'ppp.ip4_pkt_too_small',
  'ppp.ip6_pkt_too_small',
  'ppp.wrong_type',
  'ppp.unsup_proto',
  'pppoe.pkt_too_small',
  'pppoe.wrong_code',
  'pppoe.malformed_tags',
  'vlan.header_too_small',
  'vlan.unknown_type',
  'vlan.too_many_layers',
  'ieee8021ah.header_too_small',
  'mpls.header_too_small',
  'mpls.pkt_too_small',
  'mpls.bad_label_router_alert',
  'mpls.bad_label_implicit_null',
  'mpls.bad_label_reserved',
  'mpls.unknown_payload_type',
  'ipraw.invalid_ip_version',
  'ipv4.pkt_too_small',
  'ipv4.hlen_too_small',
  'ipv4.iplen_smaller_than_hlen',
  'ipv4.trunc_pkt',
  'ipv4.wrong_ip_version',
  'ipv4.opt_invalid',
  'ipv4.opt_invalid_len',
  'ipv4.opt_malformed',
  'ipv4.opt_pad_required',
  'ipv4.opt_eol_required',
  'ipv4.opt_duplicate',
  'ipv4.icmpv6',
  'ipv4.frag_overlap',
  'ipv4.frag_pkt_too_large',
  'ipv6.pkt_too_small',
  'ipv6.trunc_pkt',
  'ipv6.trunc_exthdr',
  'ipv6.wrong_ip_version',
  'ipv6.exthdr_dupl_fh',
  'ipv6.exthdr_useless_fh',
  'ipv6.exthdr_dupl_rh',
  'ipv6.exthdr_dupl_hh',
  'ipv6.exthdr_dupl_dh',
  'ipv6.exthdr_dupl_ah',
  'ipv6.exthdr_invalid_optlen',
  'ipv6.exthdr_ah_res_not_null',
  'ipv6.hopopts_unknown_opt',
  'ipv6.hopopts_only_padding',
  'ipv6.dstopts_unknown_opt',
  'ipv6.dstopts_only_padding',
  'ipv6.rh_type_0',
  'ipv6.zero_len_padn',
  'ipv6.fh_non_zero_reserved_field',
  'ipv6.data_after_none_header',
  'ipv6.unknown_next_header',
  'ipv6.icmpv4',
  'ipv6.frag_overlap',
  'ipv6.frag_pkt_too_large',
  'ipv6.frag_invalid_length',
  'ipv6.ipv4_in_ipv6_too_small',
  'ipv6.ipv4_in_ipv6_wrong_version',
  'ipv6.ipv6_in_ipv6_too_small',
  'ipv6.ipv6_in_ipv6_wrong_version',
  'tcp.pkt_too_small',
  'tcp.hlen_too_small',
  'tcp.invalid_optlen',
  'tcp.opt_invalid_len',
  'tcp.opt_duplicate',
  'udp.pkt_too_small',
  'udp.hlen_too_small',
  'udp.len_invalid',
  'sctp.pkt_too_small',
  'icmpv4.pkt_too_small',
  'icmpv4.unknown_type',
  'icmpv4.unknown_code',
  'icmpv4.ipv4_trunc_pkt',
  'icmpv4.ipv4_unknown_ver',
  'icmpv6.pkt_too_small',
  'icmpv6.unknown_type',
  'icmpv6.unknown_code',
  'icmpv6.ipv6_trunc_pkt',
  'icmpv6.ipv6_unknown_version',
  'icmpv6.mld_message_with_invalid_hl',
  'icmpv6.unassigned_type',
  'icmpv6.experimentation_type',
  'gre.pkt_too_small',
  'gre.wrong_version',
  'gre.version0_recur',
  'gre.version0_flags',
  'gre.version0_hdr_too_big',
  'gre.version1_chksum',
  'gre.version1_route',
  'gre.version1_ssr',
  'gre.version1_recur',
  'gre.version1_flags',
  'gre.version1_wrong_protocol',
  'gre.version1_no_key',
  'gre.version1_hdr_too_big',
  'vxlan.unknown_payload_type',
  'geneve.unknown_payload_type',
  'too_many_layers',
] as const;

/** One of {@link DECODER_EVENTS}. In rules and records `decoder.` stands before it. */
export type DecoderEvent = (typeof DECODER_EVENTS)[number];

/** Where decoding functions tell what is wrong. */
export interface EventSink {
  event(name: DecoderEvent): void;
}

/** How often each event was. */
export class DecoderEventCounts {
  readonly #counts = new Map<DecoderEvent, number>();

  add(name: DecoderEvent): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  of(name: DecoderEvent): number {
    return this.#counts.get(name) ?? 0;
  }

  /** By group and name, as `stats.decoder.event` has them, 0 included: `{ ipv4: { pkt_too_small: 0, … }, … }`. */
  byGroup(): Record<string, Record<string, number>> {
    const groups: Record<string, Record<string, number>> = {};
    for (const name of DECODER_EVENTS) {
      const [group, kind] = name.split('.') as [string, string?];
      if (kind !== undefined) groups[group] = { ...groups[group], [kind]: this.of(name) };
    }
    return groups;
  }

  /** Those that occurred, by full name. */
  occurred(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
