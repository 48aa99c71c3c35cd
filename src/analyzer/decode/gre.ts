// Generic Routing Encapsulation, version 0 (RFC 2784, RFC 2890) and PPTP's version 1 (RFC 2637). Source routes
// (RFC 1701), which RFC 2784 took out, are not followed.

import { EtherType, type Layers, type PacketView } from '../../index.js';
import type { Entry } from './entry.js';
import type { DecoderEvent, EventSink } from './events.js';
import { enterPpp } from './ppp.js';

const Flag = {
  checksum: 0x8000,
  routing: 0x4000,
  key: 0x2000,
  sequence: 0x1000,
  recursion: 0x0700,
  acknowledged: 0x0080,
};
const RESERVED = 0x00f8;
const PPP = 0x880b;
const ERSPAN = 0x88be;
const HEADER = 4;
const ERSPAN_HEADER = 8;

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
  if ((flags & Flag.routing) !== 0) return false;
  const words = bit(flags, Flag.checksum) + bit(flags, Flag.key) + bit(flags, Flag.sequence);
  const at = layers.l4Offset + HEADER + 4 * words;
  if (at > layers.end) return layers.end === layers.wireEnd && refuse(events, 'gre.version0_hdr_too_big');
  const type = packet.u16(layers.l4Offset + 2);
  // Type II has a header of its own, which the sequence number announces; type I has none.
  if (type === ERSPAN) return entry.set(at + ERSPAN_HEADER * bit(flags, Flag.sequence), EtherType.ethernet);
  if (type === PPP) return enterPpp(packet, layers, at, entry, events);
  return CARRIED.includes(type) && entry.set(at, type);
}

function enterVersion1(packet: PacketView, layers: Layers, flags: number, entry: Entry, events: EventSink): boolean {
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
