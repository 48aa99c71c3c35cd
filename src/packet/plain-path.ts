// The short way through the headers that most packets have: Ethernet, IPv4 without options and not a fragment, TCP or UDP,
// with lengths that fit. Every header is read by words, and every length is checked once. What it gives is to the bit what
// the general way gives; a test compares the two.

import { LayerProblem, NONE } from './layer-codes.js';
import type { Layers } from './layers.js';
import { Linktype } from './linktype.js';
import type { PacketView } from './packet-view.js';
import { IpProtocol } from './transport-layer.js';

const L3 = 14;
const L4 = 34;
const IPV4_HEADER = 20;
const TCP_HEADER = 20;
const UDP_HEADER = 8;

/** EtherType of IPv4, then version 4 and a header of five words: the first 24 of the 32 bits at byte 12. */
const PLAIN_IPV4 = 0x080045;

/** More fragments, or an offset, in the word with time to live and protocol. */
const FRAGMENT = 0x3fff0000;

/** Fills the layers if the packet is as most are. False: it is not, and nothing was changed. */
export function decodePlain(packet: PacketView, layers: Layers): boolean {
  if (packet.linktype !== Linktype.ethernet) return false;
  const { caplen } = packet;
  if (caplen < L4 + UDP_HEADER || packet.u32(12) >>> 8 !== PLAIN_IPV4) return false;
  const totalLength = packet.u16(16);
  const third = packet.u32(20);
  if ((third & FRAGMENT) !== 0 || L3 + totalLength > Math.max(packet.origlen, caplen)) return false;
  const l4Length = totalLength - IPV4_HEADER;
  const protocol = third & 0xff;
  if (protocol === IpProtocol.tcp) {
    if (l4Length < TCP_HEADER || caplen < L4 + TCP_HEADER || !readTcp(packet, layers, l4Length)) return false;
  } else if (protocol === IpProtocol.udp) {
    if (!readUdp(packet, layers, l4Length)) return false;
  } else {
    return false;
  }
  layers.protocol = protocol;
  layers.l4Length = l4Length;
  const ports = packet.u32(L4);
  layers.srcPort = ports >>> 16;
  layers.dstPort = ports & 0xffff;
  layers.wireEnd = L3 + totalLength;
  layers.end = Math.min(caplen, L3 + totalLength);
  return true;
}

function readTcp(packet: PacketView, layers: Layers, l4Length: number): boolean {
  const rest = packet.u32(L4 + 12);
  const headerLength = (rest >>> 28) * 4;
  if (headerLength < TCP_HEADER || headerLength > l4Length) return false;
  layers.tcpSeq = packet.u32(L4 + 4);
  layers.tcpAck = packet.u32(L4 + 8);
  layers.tcpFlags = (rest >>> 16) & 0xff;
  layers.tcpWindow = rest & 0xffff;
  layers.payloadOffset = L4 + headerLength;
  layers.payloadLength = l4Length - headerLength;
  return true;
}

function readUdp(packet: PacketView, layers: Layers, l4Length: number): boolean {
  const length = packet.u16(L4 + 4);
  if (length < UDP_HEADER || length > l4Length) return false;
  layers.tcpSeq = 0;
  layers.tcpAck = 0;
  layers.tcpFlags = 0;
  layers.tcpWindow = 0;
  layers.payloadOffset = L4 + UDP_HEADER;
  layers.payloadLength = length - UDP_HEADER;
  return true;
}

/** What all plain packets have in common: to be written only if the layers last held another packet. */
export function setPlain(layers: Layers): void {
  layers.etherType = 0x0800;
  layers.vlanCount = 0;
  layers.vlanOuter = NONE;
  layers.vlanInner = NONE;
  layers.l3Offset = L3;
  layers.ipVersion = 4;
  layers.extensions = 0;
  layers.fragment = 0;
  layers.fragmentOffset = 0;
  layers.moreFragments = 0;
  layers.l4Offset = L4;
  layers.icmpType = NONE;
  layers.icmpCode = NONE;
  layers.problem = LayerProblem.none;
}
