// Packets inside of packets: IP in IP (RFC 2003, RFC 2473, RFC 4213), GRE (RFC 2784, RFC 2890, RFC 2637), VXLAN (RFC 7348),
// Geneve (RFC 8926), Teredo (RFC 4380). The last three are told by their UDP ports, as Suricata's defaults have them.

import { EtherType, IpProtocol, type Layers, type PacketView } from '../../index.js';
import type { Entry } from './entry.js';
import type { DecoderEvent, EventSink } from './events.js';
import { enterGre } from './gre.js';

const IP_IN_IP = 4;
const IPV6_IN_IP = 41;
const GRE = 47;
const VXLAN_PORT = 4789;
const GENEVE_PORT = 6081;
const TEREDO_PORT = 3544;
const TUNNEL_HEADER = 8;

/** Whether a UDP port is one that a tunnel is told by. */
export function isTunnelPort(port: number): boolean {
  return port === VXLAN_PORT || port === GENEVE_PORT || port === TEREDO_PORT;
}

/** Whether the packet carries another one, and where that begins. For packets whose payload is known. */
export function enterTunnel(packet: PacketView, layers: Layers, entry: Entry, events: EventSink): boolean {
  switch (layers.protocol) {
    case IpProtocol.udp:
      return enterUdpTunnel(packet, layers, entry, events);
    case IP_IN_IP:
      return entry.set(layers.l4Offset, EtherType.ipv4);
    case IPV6_IN_IP:
      return entry.set(layers.l4Offset, EtherType.ipv6);
    case GRE:
      return enterGre(packet, layers, entry, events);
    default:
      return false;
  }
}

function enterUdpTunnel(packet: PacketView, layers: Layers, entry: Entry, events: EventSink): boolean {
  const { srcPort, dstPort, payloadOffset: at } = layers;
  if (dstPort === VXLAN_PORT) return layers.end - at >= TUNNEL_HEADER && enterVxlan(packet, at, entry, events);
  if (dstPort === GENEVE_PORT || srcPort === GENEVE_PORT) {
    return layers.end - at >= TUNNEL_HEADER && enterGeneve(packet, at, entry, events);
  }
  return (dstPort === TEREDO_PORT || srcPort === TEREDO_PORT) && enterTeredo(packet, layers, at, entry);
}

/** The flag says that a network identifier is there; without it the packet is none of VXLAN's. */
function enterVxlan(packet: PacketView, at: number, entry: Entry, events: EventSink): boolean {
  if ((packet.u8(at) & 0x08) === 0) return refuse(events, 'vxlan.unknown_payload_type');
  return entry.set(at + TUNNEL_HEADER, EtherType.ethernet);
}

const GENEVE_TYPES: readonly number[] = [EtherType.ethernet, EtherType.ipv4, EtherType.ipv6, EtherType.arp];

function enterGeneve(packet: PacketView, at: number, entry: Entry, events: EventSink): boolean {
  const first = packet.u8(at);
  if (first >> 6 !== 0) return false;
  const type = packet.u16(at + 2);
  if (!GENEVE_TYPES.includes(type)) return refuse(events, 'geneve.unknown_payload_type');
  return entry.set(at + TUNNEL_HEADER + (first & 0x3f) * 4, type);
}

const ORIGIN_INDICATION = 0;
const IPV6_HEADER = 40;

/**
 * An IPv6 packet, perhaps behind an origin indication. One behind an authentication is the tunnel's own (RFC 4380 section
 * 5.1.1); other traffic on the port is not Teredo, and nothing is wrong with it.
 */
function enterTeredo(packet: PacketView, layers: Layers, start: number, entry: Entry): boolean {
  let at = start;
  if (layers.end - at >= 8 && packet.u16(at) === ORIGIN_INDICATION) at += 8;
  if (layers.end - at < IPV6_HEADER || packet.u8(at) >> 4 !== 6) return false;
  return packet.u16(at + 4) === layers.end - at - IPV6_HEADER && entry.set(at, EtherType.ipv6);
}

function refuse(events: EventSink, name: DecoderEvent): false {
  events.event(name);
  return false;
}
