// What is wrong with the extension headers of an IPv6 packet (RFC 8200 section 4), by Suricata's names. They are walked
// once more, as Layers only passes them; packets without any come here only if what they carry is odd.

import type { Layers, PacketView } from '../../index.js';
import type { EventSink } from './events.js';
import { tellIpv6Options } from './ipv6-options.js';

const Next = {
  hopByHop: 0,
  icmp: 1,
  ipv4: 4,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  encapsulated: 50,
  authentication: 51,
  none: 59,
  destination: 60,
  mobility: 135,
  hostIdentity: 139,
  shim: 140,
} as const;

/** What may come at the end: IPv4, TCP, UDP, ICMPv6 and SCTP; IPv6 and GRE without extension headers only. */
const CARRIED: readonly number[] = [Next.ipv4, 6, 17, 58, 132];
const GRE = 47;

const IPV6_HEADER = 40;

/** Whether a packet that has no extension headers carries what is known. */
export function isCarried(protocol: number): boolean {
  return CARRIED.includes(protocol) || protocol === Next.ipv6 || protocol === GRE;
}

/** Walks the headers of one packet after another; one object, so that nothing is allocated. */
export class ExtensionWalk {
  #seen = 0;
  #end = 0;

  /** Tells of the headers between the fixed one and the transport's. False: they can't be read, the packet is broken. */
  tell(packet: PacketView, layers: Layers, events: EventSink): boolean {
    this.#seen = 0;
    this.#end = layers.end;
    const isCut = layers.end < layers.wireEnd;
    let at = layers.l3Offset + IPV6_HEADER;
    let next = packet.u8(layers.l3Offset + 6);
    while (isExtension(next)) {
      const left = this.#end - at;
      const length = left < 2 ? 2 : extensionLength(packet, at, next);
      if (length > left) {
        if (!isCut) events.event('ipv6.trunc_exthdr');
        return isCut;
      }
      this.#tellHeader(packet, at, next, events);
      if (next === Next.fragment && layers.fragment === 1) return true;
      if (next === Next.encapsulated) return true;
      next = packet.u8(at);
      at += length;
    }
    return this.#tellLast(next, this.#end - at, events);
  }

  #tellHeader(packet: PacketView, at: number, kind: number, events: EventSink): void {
    switch (kind) {
      case Next.hopByHop:
        if (this.#isRepeated(1)) events.event('ipv6.exthdr_dupl_hh');
        else tellIpv6Options(packet, at, HOP_BY_HOP, events);
        break;
      case Next.destination:
        this.#tellDestination(packet, at, events);
        break;
      case Next.routing:
        if (this.#isRepeated(8)) events.event('ipv6.exthdr_dupl_rh');
        else if (packet.u8(at + 2) === 0) events.event('ipv6.rh_type_0');
        break;
      case Next.fragment:
        this.#tellFragment(packet, at, events);
        break;
      case Next.authentication:
        if (packet.u16(at + 2) !== 0) events.event('ipv6.exthdr_ah_res_not_null');
        if (this.#isRepeated(32)) events.event('ipv6.exthdr_dupl_ah');
    }
  }

  /** There may be two: before a routing header, and at the end. */
  #tellDestination(packet: PacketView, at: number, events: EventSink): void {
    if (this.#isRepeated(2) && this.#isRepeated(4)) events.event('ipv6.exthdr_dupl_dh');
    else tellIpv6Options(packet, at, DESTINATION, events);
  }

  #tellFragment(packet: PacketView, at: number, events: EventSink): void {
    if (packet.u8(at + 1) !== 0) events.event('ipv6.fh_non_zero_reserved_field');
    const field = packet.u16(at + 2);
    if (this.#isRepeated(16)) events.event('ipv6.exthdr_dupl_fh');
    else if ((field & 0xfff9) === 0) events.event('ipv6.exthdr_useless_fh');
    // All but the last carry whole blocks of eight bytes.
    if ((field & 1) !== 0 && (this.#end - at - 8) % 8 !== 0) events.event('ipv6.frag_invalid_length');
  }

  #isRepeated(bit: number): boolean {
    const isRepeated = (this.#seen & bit) !== 0;
    this.#seen |= bit;
    return isRepeated;
  }

  #tellLast(next: number, left: number, events: EventSink): boolean {
    if (next === Next.none) {
      if (left > 0) events.event('ipv6.data_after_none_header');
    } else if (next === Next.icmp) events.event('ipv6.icmpv4');
    else if (!CARRIED.includes(next)) events.event('ipv6.unknown_next_header');
    return true;
  }
}

const HOP_BY_HOP = { unknown: 'ipv6.hopopts_unknown_opt', padding: 'ipv6.hopopts_only_padding' } as const;
const DESTINATION = { unknown: 'ipv6.dstopts_unknown_opt', padding: 'ipv6.dstopts_only_padding' } as const;

function isExtension(next: number): boolean {
  switch (next) {
    case Next.hopByHop:
    case Next.routing:
    case Next.fragment:
    case Next.encapsulated:
    case Next.authentication:
    case Next.destination:
    case Next.mobility:
    case Next.hostIdentity:
    case Next.shim:
      return true;
    default:
      return false;
  }
}

/** All of ESP's header that is not encrypted. */
const ENCAPSULATED_BYTES = 8;

function extensionLength(packet: PacketView, at: number, kind: number): number {
  if (kind === Next.fragment) return 8;
  if (kind === Next.encapsulated) return ENCAPSULATED_BYTES;
  const words = packet.u8(at + 1);
  return kind === Next.authentication ? (words + 2) * 4 : (words + 1) * 8;
}
