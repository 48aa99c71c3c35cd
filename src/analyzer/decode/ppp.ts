// PPP (RFC 1661, RFC 1662) and PPPoE (RFC 2516): what they carry.

import { EtherType, type Layers, type PacketView } from '../../index.js';
import type { Entry } from './entry.js';
import type { DecoderEvent, EventSink } from './events.js';

const Protocol = { ipv4: 0x21, uncompressedTcp: 0x2f, ipv6: 0x57 } as const;

/** PPP's protocol numbers, as EtherTypes. Van Jacobson's uncompressed packets are IPv4 (RFC 1144). */
const ETHER_TYPES: Readonly<Record<number, number>> = {
  [Protocol.ipv4]: EtherType.ipv4,
  [Protocol.uncompressedTcp]: EtherType.ipv4,
  [Protocol.ipv6]: EtherType.ipv6,
  641: EtherType.mpls,
  643: EtherType.mplsMulticast,
};

/** Packets that don't fit the protocol, and how many bytes the protocol needs. */
const TOO_SMALL: Readonly<Record<number, { readonly least: number; readonly event: DecoderEvent }>> = {
  [Protocol.ipv4]: { least: 20, event: 'ppp.ip4_pkt_too_small' },
  [Protocol.uncompressedTcp]: { least: 20, event: 'ppp.vju_pkt_too_small' },
  [Protocol.ipv6]: { least: 40, event: 'ppp.ip6_pkt_too_small' },
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
  const protocol = compressed ? packet.u8(offset) : packet.u16(offset);
  return enterProtocol(packet, layers, { protocol, at: offset + (compressed ? 1 : 2) }, entry, events);
}

/** Behind the PPPoE session header at `at`. */
export function enterPppoe(packet: PacketView, layers: Layers, at: number, entry: Entry, events: EventSink): boolean {
  if (layers.end - at < PPPOE_HEADER + 1) return tooSmall(layers, events, 'pppoe.pkt_too_small');
  return enterPpp(packet, layers, at + PPPOE_HEADER, entry, events);
}

const DISCOVERY_CODES: readonly number[] = [0x09, 0x07, 0x19, 0x65, 0xa7];

/** PPPoE's other half, in which both sides find each other, carries no packets. */
export function tellPppoeDiscovery(packet: PacketView, layers: Layers, at: number, events: EventSink): void {
  if (layers.end < layers.wireEnd) return;
  if (layers.end - at < PPPOE_HEADER) return events.event('pppoe.pkt_too_small');
  if (!DISCOVERY_CODES.includes(packet.u8(at + 1))) return events.event('pppoe.wrong_code');
  if (packet.u16(at + 4) > layers.end - at - PPPOE_HEADER) events.event('pppoe.malformed_tags');
}

function enterProtocol(
  packet: PacketView,
  layers: Layers,
  { protocol, at }: { readonly protocol: number; readonly at: number },
  entry: Entry,
  events: EventSink,
): boolean {
  const etherType = ETHER_TYPES[protocol];
  if (etherType === undefined) {
    events.event(isAssignable(protocol) ? 'ppp.unsup_proto' : 'ppp.wrong_type');
    return false;
  }
  const small = TOO_SMALL[protocol];
  if (small !== undefined && layers.end - at < small.least) return tooSmall(layers, events, small.event);
  if (protocol === Protocol.uncompressedTcp && packet.u8(at) >> 4 !== 4) return false;
  return entry.set(at, etherType);
}

const RESERVED = 0xff;

/** The last byte is odd, the first is not (RFC 1661 section 2). */
function isAssignable(protocol: number): boolean {
  return protocol !== RESERVED && (protocol & 0x0101) === 1;
}

/** A packet that the capture cut is not to blame. */
function tooSmall(layers: Layers, events: EventSink, name: DecoderEvent): false {
  if (layers.end === layers.wireEnd) events.event(name);
  return false;
}
