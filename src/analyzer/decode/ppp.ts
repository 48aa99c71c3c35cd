// PPP (RFC 1661, RFC 1662) and PPPoE sessions (RFC 2516): what they carry.

import { EtherType, type Layers, type PacketView } from '../../index.js';
import type { Entry } from './entry.js';
import type { EventSink } from './events.js';

/** PPP's protocol numbers, as EtherTypes. */
const ETHER_TYPES: Readonly<Record<number, number>> = {
  33: EtherType.ipv4,
  87: EtherType.ipv6,
  641: EtherType.mpls,
  643: EtherType.mplsMulticast,
};

const HDLC_ADDRESS = 0xff03;
const PPPOE_HEADER = 6;

/** Behind the PPP header at `at`, which may have HDLC's address and control before it and a protocol of one byte. */
export function enterPpp(packet: PacketView, layers: Layers, at: number, entry: Entry, events: EventSink): boolean {
  let offset = at;
  if (layers.end - offset < 2) return tooSmall(layers, events, 'ppp.pkt_too_small');
  if (packet.u16(offset) === HDLC_ADDRESS) offset += 2;
  if (layers.end - offset < 2) return tooSmall(layers, events, 'ppp.pkt_too_small');
  // An odd first byte is a whole protocol number: compressed (RFC 1661 section 6.5).
  const compressed = (packet.u8(offset) & 1) === 1;
  const etherType = ETHER_TYPES[compressed ? packet.u8(offset) : packet.u16(offset)];
  return etherType !== undefined && entry.set(offset + (compressed ? 1 : 2), etherType);
}

/** Behind the PPPoE session header at `at`. */
export function enterPppoe(packet: PacketView, layers: Layers, at: number, entry: Entry, events: EventSink): boolean {
  if (layers.end - at < PPPOE_HEADER + 2) return tooSmall(layers, events, 'pppoe.pkt_too_small');
  // Version, type and code of a session; discovery carries no packets.
  if (packet.u16(at) !== 0x1100) return false;
  return enterPpp(packet, layers, at + PPPOE_HEADER, entry, events);
}

/** A packet that the capture cut is not to blame. */
function tooSmall(layers: Layers, events: EventSink, name: 'ppp.pkt_too_small' | 'pppoe.pkt_too_small'): false {
  if (layers.end === layers.wireEnd) events.event(name);
  return false;
}
