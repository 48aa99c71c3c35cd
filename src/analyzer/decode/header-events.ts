// What is wrong with the headers that Layers read, by Suricata's names. Packets that the capture cut are not to blame for
// what is missing, and nothing is told of them.

import {
  EtherType,
  IpProtocol,
  Ipv6Extension,
  LayerProblem,
  type Layers,
  Linktype,
  type PacketView,
} from '../../index.js';
import type { DecoderEvent, EventSink } from './events.js';
import { icmpEvent } from './icmp-types.js';
import { ipv4OptionEvent, tcpOptionEvent } from './options.js';

const TCP_HEADER = 20;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;

/** Tells what is wrong with a packet just decoded. Costs next to nothing where nothing is. */
export function tellHeaderEvents(packet: PacketView, layers: Layers, events: EventSink): void {
  if (layers.problem !== LayerProblem.none) {
    const event = problemEvent(packet, layers);
    if (event !== undefined) events.event(event);
  }
  if (layers.payloadOffset >= 0 && layers.fragmentOffset === 0) tellTransport(packet, layers, events);
}

function tellTransport(packet: PacketView, layers: Layers, events: EventSink): void {
  const { ipVersion, protocol } = layers;
  let event: DecoderEvent | undefined;
  if (protocol === IpProtocol.tcp) {
    if (layers.payloadOffset - layers.l4Offset > TCP_HEADER) event = tcpOptionEvent(packet, layers);
  } else if (layers.icmpType >= 0) event = icmpEvent(ipVersion, layers.icmpType, layers.icmpCode);
  else if (protocol === IpProtocol.icmpv6 && ipVersion === 4) event = 'ipv4.icmpv6';
  else if (protocol === IpProtocol.icmp && ipVersion === 6) event = 'ipv6.icmpv4';
  if (event !== undefined) events.event(event);
  if (ipVersion === 4) {
    if (layers.l4Offset - layers.l3Offset > IPV4_HEADER) tellIpv4Options(packet, layers, events);
  } else if (layers.fragment === 0 && (layers.extensions & Ipv6Extension.fragment) !== 0) {
    events.event('ipv6.exthdr_useless_fh');
  }
}

function tellIpv4Options(packet: PacketView, layers: Layers, events: EventSink): void {
  const event = ipv4OptionEvent(packet, layers);
  if (event !== undefined) events.event(event);
}

function problemEvent(packet: PacketView, layers: Layers): DecoderEvent | undefined {
  if (layers.problem === LayerProblem.truncated) return undefined;
  if (layers.l3Offset < 0) return linkEvent(packet.linktype, layers);
  if (layers.ipVersion === 0) return versionEvent(packet, layers);
  return layers.l4Offset < 0 ? networkEvent(layers) : transportEvent(layers);
}

function linkEvent(linktype: number, layers: Layers): DecoderEvent | undefined {
  if (layers.vlanCount > 0 || layers.etherType >= 0) return 'vlan.header_too_small';
  if (linktype === Linktype.ethernet) return 'ethernet.pkt_too_small';
  if (linktype === Linktype.linuxSll || linktype === Linktype.linuxSll2) return 'sll.pkt_too_small';
  return linktype === Linktype.null || linktype === Linktype.loop ? 'ltnull.pkt_too_small' : undefined;
}

/** The IP header is not whole, or not of the version that was announced. */
function versionEvent(packet: PacketView, layers: Layers): DecoderEvent {
  const at = layers.l3Offset;
  if (layers.etherType < 0 && packet.linktype !== Linktype.null && packet.linktype !== Linktype.loop) {
    return rawEvent(packet, layers, at);
  }
  const isShort = layers.problem === LayerProblem.short;
  if (layers.etherType === EtherType.ipv6) return isShort ? 'ipv6.pkt_too_small' : 'ipv6.wrong_ip_version';
  return isShort ? 'ipv4.pkt_too_small' : 'ipv4.wrong_ip_version';
}

function rawEvent(packet: PacketView, layers: Layers, at: number): DecoderEvent {
  if (layers.problem !== LayerProblem.short || layers.end <= at) return 'ipraw.invalid_ip_version';
  return packet.u8(at) >> 4 === 6 ? 'ipv6.pkt_too_small' : 'ipv4.pkt_too_small';
}

function networkEvent({ ipVersion, problem, end, l3Offset }: Layers): DecoderEvent {
  if (problem === LayerProblem.beyondFrame) return ipVersion === 4 ? 'ipv4.trunc_pkt' : 'ipv6.trunc_pkt';
  if (ipVersion === 6) return end - l3Offset < IPV6_HEADER ? 'ipv6.pkt_too_small' : 'ipv6.trunc_exthdr';
  return problem === LayerProblem.length ? 'ipv4.iplen_smaller_than_hlen' : 'ipv4.hlen_too_small';
}

function transportEvent({
  ipVersion,
  problem,
  protocol,
  l4Length,
  payloadOffset,
  l4Offset,
}: Layers): DecoderEvent | undefined {
  if (problem === LayerProblem.beyondFrame) return ipVersion === 4 ? 'ipv4.trunc_pkt' : 'ipv6.trunc_pkt';
  if (protocol === IpProtocol.tcp) return l4Length < TCP_HEADER ? 'tcp.pkt_too_small' : tcpLengthEvent(l4Length);
  if (protocol === IpProtocol.udp) return udpEvent(problem, payloadOffset - l4Offset);
  if (protocol === IpProtocol.sctp) return 'sctp.pkt_too_small';
  return ipVersion === 4 ? 'icmpv4.pkt_too_small' : 'icmpv6.pkt_too_small';
}

/** Layers doesn't tell a header length below the least from one beyond the packet; the packet's own length does. */
function tcpLengthEvent(l4Length: number): DecoderEvent {
  return l4Length < MAX_TCP_HEADER ? 'tcp.hlen_too_small' : 'tcp.invalid_optlen';
}

const MAX_TCP_HEADER = 60;

function udpEvent(problem: number, headerLength: number): DecoderEvent {
  if (problem === LayerProblem.short || headerLength < 8) return 'udp.hlen_too_small';
  return 'udp.len_invalid';
}
