// The link layer: from the packet's first byte to the network header, by linktype. A linktype that is not known here
// leaves all fields at "none".

import { decodeIp, decodeIpv4, decodeIpv6 } from './ip-layer.js';
import type { Layers } from './layers.js';
import { Linktype } from './linktype.js';
import type { PacketView } from './packet-view.js';

/** EtherTypes by name (https://www.iana.org/assignments/ieee-802-numbers). */
export const EtherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  /** A whole Ethernet frame (transparent Ethernet bridging, RFC 1701). */
  ethernet: 0x6558,
  reverseArp: 0x8035,
  vlan: 0x8100,
  ipv6: 0x86dd,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoeDiscovery: 0x8863,
  pppoe: 0x8864,
  serviceVlan: 0x88a8,
  oldServiceVlan: 0x9100,
  otherServiceVlan: 0x9200,
} as const;

const ETHERNET_HEADER = 14;
const VLAN_TAG = 4;
const SLL_HEADER = 16;
const SLL2_HEADER = 20;
const LOOPBACK_HEADER = 4;

/** Finds the network header and goes on there. */
export function decodeLink(packet: PacketView, layers: Layers): void {
  switch (packet.linktype) {
    case Linktype.ethernet:
      if (!layers.lacks(ETHERNET_HEADER)) decodeEtherType(packet, layers, packet.u16(12), ETHERNET_HEADER);
      return;
    case Linktype.linuxSll:
      if (!layers.lacks(SLL_HEADER)) decodeEtherType(packet, layers, packet.u16(14), SLL_HEADER);
      return;
    case Linktype.linuxSll2:
      if (!layers.lacks(SLL2_HEADER)) decodeEtherType(packet, layers, packet.u16(0), SLL2_HEADER);
      return;
    case Linktype.null:
    case Linktype.loop:
      if (!layers.lacks(LOOPBACK_HEADER)) decodeLoopback(packet, layers);
      return;
    case Linktype.raw:
    case Linktype.rawBsd:
    case Linktype.rawOpenBsd:
    // These two name a version, but not all who write them keep to it; the packet knows best.
    case Linktype.ipv4:
    case Linktype.ipv6:
      decodeIp(packet, layers, 0);
  }
}

/** The network header at `offset`, behind VLAN tags if there are any; `first` says what begins there. */
export function decodeEtherType(packet: PacketView, layers: Layers, first: number, offset: number): void {
  let type = first;
  let at = offset;
  while (isVlan(type)) {
    layers.etherType = type;
    if (layers.lacks(at + VLAN_TAG)) return;
    addVlan(layers, packet.u16(at) & 0x0fff);
    type = packet.u16(at + 2);
    at += VLAN_TAG;
  }
  layers.etherType = type;
  layers.l3Offset = at;
  if (type === EtherType.ipv4) decodeIpv4(packet, layers, at);
  else if (type === EtherType.ipv6) decodeIpv6(packet, layers, at);
}

function isVlan(type: number): boolean {
  return (
    type === EtherType.vlan ||
    type === EtherType.serviceVlan ||
    type === EtherType.oldServiceVlan ||
    type === EtherType.otherServiceVlan
  );
}

function addVlan(layers: Layers, id: number): void {
  if (layers.vlanCount === 0) layers.vlanOuter = id;
  else if (layers.vlanCount === 1) layers.vlanInner = id;
  layers.vlanCount++;
}

/** The address families that mean IPv6: Linux, NetBSD and OpenBSD, FreeBSD, macOS. */
const IPV6_FAMILIES: readonly number[] = [10, 24, 28, 30];
const IPV4_FAMILY = 2;

function decodeLoopback(packet: PacketView, layers: Layers): void {
  const family = familyOf(packet);
  layers.l3Offset = LOOPBACK_HEADER;
  if (family === IPV4_FAMILY) decodeIpv4(packet, layers, LOOPBACK_HEADER);
  else if (IPV6_FAMILIES.includes(family)) decodeIpv6(packet, layers, LOOPBACK_HEADER);
}

/** The family is small, so the half of the four bytes that is not zero tells the byte order it was written in. */
function familyOf(packet: PacketView): number {
  const low = packet.u16(2);
  return packet.u16(0) === 0 ? low : packet.u8(0) | (packet.u8(1) << 8);
}
