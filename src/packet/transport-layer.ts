// The transport layer: TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260), ICMP (RFC 792) and ICMPv6 (RFC 4443). Other
// protocols are all payload.

import { LayerProblem } from './layer-codes.js';
import type { Layers } from './layers.js';
import type { PacketView } from './packet-view.js';

/** IP protocol numbers by name (https://www.iana.org/assignments/protocol-numbers). */
export const IpProtocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;

const TCP_HEADER = 20;
const UDP_HEADER = 8;
const SCTP_HEADER = 12;
const ICMP_HEADER = 4;

/** Reads the transport header at `at`; `layers.protocol` says whose it is. */
export function decodeTransport(packet: PacketView, layers: Layers, at: number): void {
  if (layers.protocol === IpProtocol.tcp) decodeTcp(packet, layers, at);
  else if (layers.protocol === IpProtocol.udp) decodeUdp(packet, layers, at);
  else if (layers.protocol === IpProtocol.sctp) decodeSctp(packet, layers, at);
  else if (isIcmp(layers)) decodeIcmp(packet, layers, at);
  else setPayload(layers, at);
}

/** Each IP version has its own ICMP; the other's number means nothing in it. */
function isIcmp(layers: Layers): boolean {
  return layers.protocol === (layers.ipVersion === 4 ? IpProtocol.icmp : IpProtocol.icmpv6);
}

function decodeTcp(packet: PacketView, layers: Layers, at: number): void {
  if (!readPorts(packet, layers, at) || layers.lacks(at + TCP_HEADER)) return;
  layers.tcpSeq = packet.u32(at + 4);
  layers.tcpAck = packet.u32(at + 8);
  layers.tcpFlags = packet.u8(at + 13);
  layers.tcpWindow = packet.u16(at + 14);
  const headerLength = (packet.u8(at + 12) >> 4) * 4;
  if (headerLength < TCP_HEADER || headerLength > layers.l4Length) layers.fail(LayerProblem.headerLength);
  else setPayload(layers, at + headerLength);
}

function decodeUdp(packet: PacketView, layers: Layers, at: number): void {
  if (!readPorts(packet, layers, at) || layers.lacks(at + UDP_HEADER)) return;
  const length = packet.u16(at + 4);
  setPayload(layers, at + UDP_HEADER);
  // 0 stands for a jumbogram (RFC 2675) and in packets that are still to be segmented.
  if (length === 0) return;
  // The first of several fragments carries the length of them all.
  if (length > layers.l4Length && layers.fragment === 1) return;
  if (length < UDP_HEADER || length > layers.l4Length) layers.fail(LayerProblem.length);
  else layers.payloadLength = length - UDP_HEADER;
}

function decodeSctp(packet: PacketView, layers: Layers, at: number): void {
  if (readPorts(packet, layers, at) && !layers.lacks(at + SCTP_HEADER)) setPayload(layers, at + SCTP_HEADER);
}

function decodeIcmp(packet: PacketView, layers: Layers, at: number): void {
  if (layers.lacks(at + ICMP_HEADER)) return;
  layers.icmpType = packet.u8(at);
  layers.icmpCode = packet.u8(at + 1);
  setPayload(layers, at + ICMP_HEADER);
}

function readPorts(packet: PacketView, layers: Layers, at: number): boolean {
  if (layers.lacks(at + 4)) return false;
  layers.srcPort = packet.u16(at);
  layers.dstPort = packet.u16(at + 2);
  return true;
}

function setPayload(layers: Layers, at: number): void {
  layers.payloadOffset = at;
  layers.payloadLength = layers.wireEnd - at;
}
