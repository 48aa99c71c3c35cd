// What is wrong with the headers that Layers read, by Suricata's names. Packets that the capture cut are not to blame for
// what is missing, and nothing is told of them. What Suricata gives up at, is given up at here: one thing that can't be
// read is told, not what follows from it.

import { EtherType, IpProtocol, LayerProblem, type Layers, Linktype, type PacketView } from '../../index.js';
import type { DecoderEvent, EventSink } from './events.js';
import { tellIcmp } from './icmp-events.js';
import { tellIcmpv6 } from './icmpv6-events.js';
import { tellIpv4Options } from './ipv4-options.js';
import { ExtensionWalk, isCarried } from './ipv6-extensions.js';
import { tellTcpOptions } from './tcp-options.js';

const TCP_HEADER = 20;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const IPV4_INSIDE = 4;
const IPV6_INSIDE = 41;
const UDP_HEADER = 8;
const MAX_VLANS = 3;

const walk = new ExtensionWalk();

/** Tells what is wrong with a packet just decoded. Costs next to nothing where nothing is. */
export function tellHeaderEvents(packet: PacketView, layers: Layers, events: EventSink): void {
  if (layers.vlanCount > 0) tellVlans(layers, events);
  if (layers.ipVersion === 4) tellIpv4(packet, layers, events);
  else if (layers.ipVersion === 6) tellIpv6(packet, layers, events);
  else if (isBroken(layers)) tellOther(packet, layers, events);
  else if (isLoopback(packet.linktype) && layers.l3Offset > 0) events.event('ltnull.unsupported_type');
}

function isLoopback(linktype: number): boolean {
  return linktype === Linktype.null || linktype === Linktype.loop;
}

/** Something is wrong, and not with the capture. */
export function isBroken({ problem }: Layers): boolean {
  return problem !== LayerProblem.none && problem !== LayerProblem.truncated;
}

/** Whether the IP header tells who sent the packet to whom. One that is broken tells nothing, as Suricata has it. */
export function hasEnds(layers: Layers): boolean {
  if (!isBroken(layers)) return layers.ipVersion > 0;
  return layers.problem !== LayerProblem.beyondFrame && (layers.ipVersion === 6 || layers.l4Offset >= 0);
}

function tellVlans(layers: Layers, events: EventSink): void {
  if (layers.vlanCount > MAX_VLANS) events.event('vlan.too_many_layers');
  else if (layers.l3Offset >= 0 && !isKnown(layers.etherType)) events.event('vlan.unknown_type');
}

/** Ethernet in Ethernet (802.1ah), Cisco's fabric path and VN-tag are known to Suricata, and not read here. */
const UNREAD = [0x88e7, 0x8903, 0x8926];

const KNOWN: readonly number[] = [
  ...UNREAD,
  EtherType.ipv4,
  EtherType.ipv6,
  EtherType.arp,
  EtherType.mpls,
  EtherType.mplsMulticast,
  EtherType.pppoe,
  EtherType.pppoeDiscovery,
  EtherType.ethernet,
];

function isKnown(etherType: number): boolean {
  return KNOWN.includes(etherType);
}

function tellIpv4(packet: PacketView, layers: Layers, events: EventSink): void {
  if (isBroken(layers) && (layers.l4Offset < 0 || layers.problem === LayerProblem.beyondFrame)) {
    return events.event(ipv4Event(layers));
  }
  const { l3Offset, l4Offset } = layers;
  if (l4Offset < 0) return;
  const hasOptions = l4Offset - l3Offset > IPV4_HEADER && l4Offset <= layers.end;
  if (hasOptions && !tellIpv4Options(packet, l3Offset, l4Offset, events)) return;
  if (layers.fragment === 1) return;
  if (layers.protocol === IpProtocol.icmpv6) events.event('ipv4.icmpv6');
  else tellTransport(packet, layers, events);
}

function ipv4Event({ problem, l4Offset }: Layers): DecoderEvent {
  if (problem === LayerProblem.beyondFrame) return 'ipv4.trunc_pkt';
  return problem === LayerProblem.length && l4Offset < 0 ? 'ipv4.iplen_smaller_than_hlen' : 'ipv4.hlen_too_small';
}

function tellIpv6(packet: PacketView, layers: Layers, events: EventSink): void {
  if (layers.problem === LayerProblem.beyondFrame) return events.event('ipv6.trunc_pkt');
  const { protocol } = layers;
  const isPlain = layers.extensions === 0 && isCarried(protocol);
  if (!isPlain && !walk.tell(packet, layers, events)) return;
  if (layers.l4Offset < 0 || layers.fragment === 1) return;
  if (protocol === IPV4_INSIDE || (protocol === IPV6_INSIDE && isPlain)) tellInside(packet, layers, events);
  else tellTransport(packet, layers, events);
}

function tellTransport(packet: PacketView, layers: Layers, events: EventSink): void {
  const { protocol, problem, l4Length, payloadOffset, l4Offset } = layers;
  if (protocol === IpProtocol.tcp) {
    if (isBroken(layers)) events.event(tcpEvent(l4Length, packet, l4Offset));
    else if (payloadOffset - l4Offset > TCP_HEADER) tellTcpOptions(packet, layers, events);
  } else if (protocol === IpProtocol.udp) {
    if (isBroken(layers)) events.event(udpEvent(packet, layers));
  } else if (protocol === IpProtocol.sctp) {
    if (problem === LayerProblem.short) events.event('sctp.pkt_too_small');
  } else if (protocol === IpProtocol.icmp && layers.ipVersion === 4) {
    if (problem !== LayerProblem.truncated) tellIcmp(packet, layers, events);
  } else if (protocol === IpProtocol.icmpv6 && layers.ipVersion === 6) {
    if (problem !== LayerProblem.truncated) tellIcmpv6(packet, layers, events);
  }
}

/** IP in IPv6 must be of the version that the header said. */
function tellInside(packet: PacketView, layers: Layers, events: EventSink): void {
  const isIpv4 = layers.protocol === IPV4_INSIDE;
  const { l4Offset, end } = layers;
  if (end - l4Offset < (isIpv4 ? IPV4_HEADER : IPV6_HEADER)) {
    if (end === layers.wireEnd) events.event(isIpv4 ? 'ipv6.ipv4_in_ipv6_too_small' : 'ipv6.ipv6_in_ipv6_too_small');
  } else if (packet.u8(l4Offset) >> 4 !== (isIpv4 ? 4 : 6)) {
    events.event(isIpv4 ? 'ipv6.ipv4_in_ipv6_wrong_version' : 'ipv6.ipv6_in_ipv6_wrong_version');
  }
}

/** Layers doesn't tell a header length below the least from one beyond the packet. The names are Suricata's choice. */
function tcpEvent(l4Length: number, packet: PacketView, at: number): DecoderEvent {
  if (l4Length < TCP_HEADER) return 'tcp.pkt_too_small';
  return packet.u8(at + 12) >> 4 < TCP_HEADER / 4 ? 'tcp.invalid_optlen' : 'tcp.hlen_too_small';
}

function udpEvent(packet: PacketView, { l4Length, l4Offset }: Layers): DecoderEvent {
  if (l4Length < UDP_HEADER) return 'udp.hlen_too_small';
  return packet.u16(l4Offset + 4) > l4Length ? 'udp.pkt_too_small' : 'udp.len_invalid';
}

/** Neither IPv4 nor IPv6 was read. */
function tellOther(packet: PacketView, layers: Layers, events: EventSink): void {
  const event = layers.l3Offset < 0 ? linkEvent(packet.linktype, layers) : versionEvent(packet, layers);
  if (event !== undefined) events.event(event);
}

function linkEvent(linktype: number, layers: Layers): DecoderEvent | undefined {
  if (layers.vlanCount > 0 || layers.etherType >= 0) return 'vlan.header_too_small';
  if (linktype === Linktype.ethernet) return 'ethernet.pkt_too_small';
  if (linktype === Linktype.linuxSll || linktype === Linktype.linuxSll2) return 'sll.pkt_too_small';
  return isLoopback(linktype) ? 'ltnull.pkt_too_small' : undefined;
}

/** The IP header is not whole, or not of the version that was announced. */
function versionEvent(packet: PacketView, layers: Layers): DecoderEvent {
  const isShort = layers.problem === LayerProblem.short;
  if (isAnnouncedV6(packet, layers)) return isShort ? 'ipv6.pkt_too_small' : 'ipv6.wrong_ip_version';
  if (isShort) return 'ipv4.pkt_too_small';
  return layers.l3Offset === 0 ? 'ipraw.invalid_ip_version' : 'ipv4.wrong_ip_version';
}

const IPV4_FAMILY = 2;

/** By the EtherType; by the address family, whose half that is not zero tells its byte order; by the packet itself. */
function isAnnouncedV6(packet: PacketView, { etherType, l3Offset, end }: Layers): boolean {
  if (etherType >= 0) return etherType === EtherType.ipv6;
  if (l3Offset > 0) return (packet.u16(0) === 0 ? packet.u16(2) : packet.u8(0)) !== IPV4_FAMILY;
  return end >= IPV4_HEADER && packet.u8(0) >> 4 === 6;
}
