// Generic Routing Encapsulation, version 0 (RFC 2784, RFC 2890) with the source routes that it once had (RFC 1701), and
// PPTP's version 1 (RFC 2637).

import { EtherType, type Layers, type PacketView } from '../../index.js';
import type { Entry } from './entry.js';
import type { DecoderEvent, EventSink } from './events.js';
import { enterPpp } from './ppp.js';

const Flag = {
  checksum: 0x8000,
  routing: 0x4000,
  key: 0x2000,
  sequence: 0x1000,
  strictRoute: 0x0800,
  recursion: 0x0700,
  acknowledged: 0x0080,
};
const RESERVED = 0x00f8;
const RESERVED_1 = 0x0078;
const PPP = 0x880b;
const ERSPAN = 0x88be;
const HEADER = 4;
const ERSPAN_HEADER = 8;
const ROUTE_HEADER = 4;

const CARRIED: readonly number[] = [
  EtherType.ipv4,
  EtherType.ipv6,
  EtherType.ethernet,
  EtherType.vlan,
  EtherType.arp,
  EtherType.mpls,
];

/** Behind the GRE header at the transport header's place. */
export function enterGre(packet: PacketView, layers: Layers, entry: Entry, events: EventSink): boolean {
  const at = layers.l4Offset;
  if (layers.end - at < HEADER) return layers.end === layers.wireEnd && refuse(events, 'gre.pkt_too_small');
  const flags = packet.u16(at);
  const version = flags & 7;
  if (version === 0) return enterVersion0(packet, layers, flags, entry, events);
  return version === 1 ? enterVersion1(packet, layers, flags, entry, events) : refuse(events, 'gre.wrong_version');
}

function enterVersion0(packet: PacketView, layers: Layers, flags: number, entry: Entry, events: EventSink): boolean {
  if ((flags & Flag.recursion) !== 0) return refuse(events, 'gre.version0_recur');
  if ((flags & RESERVED) !== 0) return refuse(events, 'gre.version0_flags');
  const words = bit(flags, Flag.checksum | Flag.routing) + bit(flags, Flag.key) + bit(flags, Flag.sequence);
  let at = layers.l4Offset + HEADER + 4 * words;
  if ((flags & Flag.routing) !== 0) at = behindRoutes(packet, at, layers.end);
  if (at > layers.end) return layers.end === layers.wireEnd && refuse(events, 'gre.version0_hdr_too_big');
  const type = packet.u16(layers.l4Offset + 2);
  if (type === ERSPAN) return enterErspan(packet, layers, { at, hasHeader: (flags & Flag.sequence) !== 0 }, entry);
  if (type === PPP) return enterPpp(packet, layers, at, entry, events);
  return CARRIED.includes(type) && entry.set(at, type);
}

/** Routes end with an empty one; one that goes on beyond the packet leads there. */
function behindRoutes(packet: PacketView, start: number, end: number): number {
  let at = start;
  while (at + ROUTE_HEADER <= end) {
    const length = packet.u8(at + 3);
    const isLast = length === 0;
    at += ROUTE_HEADER + length;
    if (isLast) return at;
  }
  return end + 1;
}

/** A header of its own, version 1, which the sequence number announces (type II); else there is none (type I). */
function enterErspan(
  packet: PacketView,
  layers: Layers,
  { at, hasHeader }: { readonly at: number; readonly hasHeader: boolean },
  entry: Entry,
): boolean {
  if (!hasHeader) return entry.set(at, EtherType.ethernet);
  const isVersion1 = layers.end - at >= ERSPAN_HEADER && packet.u8(at) >> 4 === 1;
  return isVersion1 && entry.set(at + ERSPAN_HEADER, EtherType.ethernet);
}

function enterVersion1(packet: PacketView, layers: Layers, flags: number, entry: Entry, events: EventSink): boolean {
  if ((flags & Flag.checksum) !== 0) return refuse(events, 'gre.version1_chksum');
  if ((flags & Flag.routing) !== 0) return refuse(events, 'gre.version1_route');
  if ((flags & Flag.strictRoute) !== 0) return refuse(events, 'gre.version1_ssr');
  if ((flags & Flag.recursion) !== 0) return refuse(events, 'gre.version1_recur');
  if ((flags & RESERVED_1) !== 0) return refuse(events, 'gre.version1_flags');
  if (packet.u16(layers.l4Offset + 2) !== PPP) return refuse(events, 'gre.version1_wrong_protocol');
  if ((flags & Flag.key) === 0) return refuse(events, 'gre.version1_no_key');
  const words = 1 + bit(flags, Flag.sequence) + bit(flags, Flag.acknowledged);
  const at = layers.l4Offset + HEADER + 4 * words;
  if (at > layers.end) return layers.end === layers.wireEnd && refuse(events, 'gre.version1_hdr_too_big');
  // Without a payload it only acknowledges.
  return packet.u16(layers.l4Offset + 4) !== 0 && enterPpp(packet, layers, at, entry, events);
}

function bit(flags: number, flag: number): number {
  return (flags & flag) === 0 ? 0 : 1;
}

function refuse(events: EventSink, name: DecoderEvent): false {
  events.event(name);
  return false;
}
