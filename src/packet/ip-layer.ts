// The network layer: IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200), up to the transport header.

import { Ipv6Extension, LayerProblem } from './layer-codes.js';
import type { Layers } from './layers.js';
import type { PacketView } from './packet-view.js';
import { decodeTransport } from './transport-layer.js';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const FRAGMENT_HEADER = 8;

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;

/** An IP packet of the version that its first half byte says. */
export function decodeIp(packet: PacketView, layers: Layers, at: number): void {
  layers.l3Offset = at;
  if (layers.lacks(at + 1)) return;
  if (packet.u8(at) >> 4 === 6) decodeIpv6(packet, layers, at);
  else decodeIpv4(packet, layers, at);
}

/** An IPv4 packet; `version` is the problem if it is none. */
export function decodeIpv4(packet: PacketView, layers: Layers, at: number): void {
  layers.l3Offset = at;
  if (layers.lacks(at + IPV4_HEADER)) return;
  const first = packet.u8(at);
  if (first >> 4 !== 4) {
    layers.fail(LayerProblem.version);
    return;
  }
  layers.ipVersion = 4;
  layers.protocol = packet.u8(at + 9);
  const headerLength = (first & 15) * 4;
  const totalLength = packet.u16(at + 2);
  if (headerLength < IPV4_HEADER) {
    layers.fail(LayerProblem.headerLength);
  } else if (totalLength === 0) {
    // Segmentation offload leaves 0 in packets captured on the host that sends them: the frame's length has to do.
    decodeIpv4Payload(packet, layers, at, headerLength);
  } else if (totalLength < headerLength) {
    layers.fail(LayerProblem.length);
  } else {
    endAt(layers, at + totalLength);
    decodeIpv4Payload(packet, layers, at, headerLength);
  }
}

function decodeIpv4Payload(packet: PacketView, layers: Layers, at: number, headerLength: number): void {
  const field = packet.u16(at + 6);
  setFragment(layers, (field & 0x1fff) * 8, (field >> 13) & 1);
  decodePayload(packet, layers, at + headerLength);
}

/** An IPv6 packet with its extension headers; `version` is the problem if it is none. */
export function decodeIpv6(packet: PacketView, layers: Layers, at: number): void {
  layers.l3Offset = at;
  if (layers.lacks(at + IPV6_HEADER)) return;
  if (packet.u8(at) >> 4 !== 6) {
    layers.fail(LayerProblem.version);
    return;
  }
  layers.ipVersion = 6;
  layers.protocol = packet.u8(at + 6);
  const payloadLength = packet.u16(at + 4);
  // 0 means a jumbogram (RFC 2675) or segmentation offload: the frame's length has to do.
  if (payloadLength !== 0) endAt(layers, at + IPV6_HEADER + payloadLength);
  decodeExtensions(packet, layers, at + IPV6_HEADER);
}

/** Every extension header is at least 8 bytes, so the walk ends with the captured bytes. */
function decodeExtensions(packet: PacketView, layers: Layers, offset: number): void {
  let at = offset;
  for (let bit = extensionBit(layers.protocol); bit !== 0; bit = extensionBit(layers.protocol)) {
    if (layers.lacks(at + 8)) return;
    layers.extensions |= bit;
    layers.protocol = packet.u8(at);
    if (bit === Ipv6Extension.fragment) {
      const field = packet.u16(at + 2);
      setFragment(layers, field & 0xfff8, field & 1);
      at += FRAGMENT_HEADER;
      // What follows in a later fragment is data, whatever the header's next-header field says.
      if (layers.fragmentOffset !== 0) break;
    } else {
      at += extensionLength(bit, packet.u8(at + 1));
    }
  }
  decodePayload(packet, layers, at);
}

function extensionBit(protocol: number): number {
  switch (protocol) {
    case HOP_BY_HOP:
      return Ipv6Extension.hopByHop;
    case ROUTING:
      return Ipv6Extension.routing;
    case FRAGMENT:
      return Ipv6Extension.fragment;
    case DESTINATION:
      return Ipv6Extension.destination;
    case AUTHENTICATION:
      return Ipv6Extension.authentication;
    default:
      return 0;
  }
}

/** RFC 4302 counts in words of four bytes, all others in eights; neither counts the first eight bytes. */
function extensionLength(bit: number, length: number): number {
  return bit === Ipv6Extension.authentication ? (length + 2) * 4 : (length + 1) * 8;
}

/** An IPv6 packet with a fragment header but without other fragments ("atomic", RFC 6946) is none. */
function setFragment(layers: Layers, offset: number, more: number): void {
  layers.fragment = offset !== 0 || more !== 0 ? 1 : 0;
  layers.fragmentOffset = offset;
  layers.moreFragments = more;
}

function decodePayload(packet: PacketView, layers: Layers, at: number): void {
  if (layers.lacks(at)) return;
  layers.l4Offset = at;
  layers.l4Length = layers.wireEnd - at;
  if (layers.fragmentOffset === 0) {
    decodeTransport(packet, layers, at);
  } else {
    layers.payloadOffset = at;
    layers.payloadLength = layers.l4Length;
  }
}

/** Believes the IP length, which leaves out the link layer's padding and trailers. */
function endAt(layers: Layers, wireEnd: number): void {
  if (wireEnd > layers.wireEnd) layers.fail(LayerProblem.beyondFrame);
  layers.wireEnd = wireEnd;
  layers.end = Math.min(layers.end, wireEnd);
}
