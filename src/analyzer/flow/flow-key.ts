// What makes a packet belong to a flow: addresses, ports, protocol and VLAN ids. One object is filled for packet after
// packet; nothing is allocated.

import { IpProtocol, LayerProblem, type Layers, type PacketView } from '../../index.js';
import { icmpCounterpart, NO_COUNTERPART } from './icmp-pairs.js';

/** The two ends of a flow. An IPv4 address is word 0 of four, the others are 0; an IPv6 address is all four. */
export interface FlowEnds {
  /** 4 or 6. */
  readonly ipVersion: number;
  /** IP protocol number. */
  readonly protocol: number;
  /** Port; ICMP type for ICMP; 0 where the protocol has no ports. */
  readonly srcPort: number;
  /** Port; for ICMP the type that answers, or the code where none does; 0 where the protocol has no ports. */
  readonly dstPort: number;
  srcWord(index: number): number;
  dstWord(index: number): number;
}

const ESP = 50;
const IPV4_HEADER = 20;
/** What an ICMP message has between its checksum and the packet that it quotes. */
const ICMP_REST = 4;

/** How a packet belongs to a flow: not at all, by its own key, or to the one, if known, of the packet that it quotes. */
export const Tracking = { none: 0, own: 1, known: 2 } as const;

/** IP protocols of which there are flows: those that Suricata decodes. ICMP is told by its type. */
const IPV6_IN_IP = 41;

/** Words of an address. */
export const ADDRESS_WORDS = 4;

/** The flow key of one packet, from its sender's side. */
export class FlowKey implements FlowEnds {
  /** Sender's address, then receiver's. */
  readonly addresses = new Uint32Array(2 * ADDRESS_WORDS);
  ipVersion = 0;
  protocol = 0;
  srcPort = 0;
  dstPort = 0;
  /** Both VLAN ids plus one, the outer in the low half; 0 means no tag. */
  vlans = 0;
  /** How many tunnels it came through. */
  depth = 0;

  /** Takes the key of a decoded packet, as far as there are flows of its kind: how is a {@link Tracking}. */
  take(packet: PacketView, layers: Layers): number {
    // Lengths that contradict each other: nobody knows what the packet is, and Suricata drops it, too.
    if (layers.problem > LayerProblem.truncated) return Tracking.none;
    if (!this.fill(packet, layers) || layers.fragment === 1) return Tracking.none;
    if (layers.icmpType < 0) return hasFlows(layers) ? Tracking.own : Tracking.none;
    if (layers.ipVersion === 6 || !isIcmpError(layers.icmpType)) return Tracking.own;
    const quotes = layers.icmpType === ICMP_UNREACHABLE && this.fillQuoted(packet, layers);
    return quotes ? Tracking.known : Tracking.none;
  }

  /** The same for a packet that {@link Layers.decodePlain} took, with no other around it. */
  takePlain(packet: PacketView, layers: Layers): void {
    this.vlans = 0;
    this.depth = 0;
    if (this.ipVersion !== 4) this.addresses.fill(0);
    this.ipVersion = 4;
    this.protocol = layers.protocol;
    this.addresses[0] = packet.u32(layers.l3Offset + 12);
    this.addresses[ADDRESS_WORDS] = packet.u32(layers.l3Offset + 16);
    this.srcPort = layers.srcPort;
    this.dstPort = layers.dstPort;
  }

  /**
   * Takes the key of a decoded packet. False if it belongs to no flow: it is not IP, its headers are cut or broken, or it
   * is a later fragment, which doesn't tell its ports.
   */
  fill(packet: PacketView, layers: Layers): boolean {
    this.vlans = (layers.vlanOuter + 1) | ((layers.vlanInner + 1) << 16);
    if (layers.payloadOffset < 0 || layers.fragmentOffset > 0) return false;
    this.ipVersion = layers.ipVersion;
    this.protocol = layers.protocol;
    this.#fillAddresses(packet, layers.l3Offset);
    this.#fillPorts(packet, layers);
    return true;
  }

  /**
   * Takes the key of the TCP or UDP packet that an ICMP message quotes, from its sender's side; the VLAN ids stay. False
   * if it quotes no such packet, or not enough of it.
   */
  fillQuoted(packet: PacketView, { payloadOffset, end }: Layers): boolean {
    const at = payloadOffset + ICMP_REST;
    if (at + IPV4_HEADER > end || packet.u8(at) >> 4 !== 4) return false;
    const ports = at + (packet.u8(at) & 15) * 4;
    this.protocol = packet.u8(at + 9);
    if (ports + 4 > end || (this.protocol !== IpProtocol.tcp && this.protocol !== IpProtocol.udp)) return false;
    this.#fillAddresses(packet, at);
    this.srcPort = packet.u16(ports);
    this.dstPort = packet.u16(ports + 2);
    return true;
  }

  srcWord(index: number): number {
    return this.addresses[index]!;
  }

  dstWord(index: number): number {
    return this.addresses[ADDRESS_WORDS + index]!;
  }

  /** Protocol, IP version and depth in one number: they are compared together. */
  get kind(): number {
    return this.protocol | (this.ipVersion << 8) | (this.depth << 12);
  }

  /** Words that differ between addresses of this IP version; the others are 0. */
  get addressWords(): number {
    return this.ipVersion === 4 ? 1 : ADDRESS_WORDS;
  }

  #fillAddresses(packet: PacketView, at: number): void {
    const { addresses } = this;
    if (this.ipVersion === 4) {
      for (let i = 0; i < 2 * ADDRESS_WORDS; i++) addresses[i] = 0;
      addresses[0] = packet.u32(at + 12);
      addresses[ADDRESS_WORDS] = packet.u32(at + 16);
    } else {
      for (let i = 0; i < 2 * ADDRESS_WORDS; i++) addresses[i] = packet.u32(at + 8 + 4 * i);
    }
  }

  #fillPorts(packet: PacketView, layers: Layers): void {
    if (layers.icmpType >= 0) {
      const counterpart = icmpCounterpart(layers.ipVersion, layers.icmpType);
      this.srcPort = layers.icmpType;
      this.dstPort = counterpart === NO_COUNTERPART ? layers.icmpCode : counterpart;
    } else if (layers.protocol === ESP && layers.end - layers.l4Offset >= 4) {
      // The security parameters index takes the place of ports: each direction has its own.
      this.srcPort = packet.u16(layers.l4Offset);
      this.dstPort = packet.u16(layers.l4Offset + 2);
    } else {
      this.srcPort = Math.max(layers.srcPort, 0);
      this.dstPort = Math.max(layers.dstPort, 0);
    }
  }
}

/** Whether the flow's "ports" are an ICMP type and code that nothing answers: its ends must not be swapped. */
export function isOneWay(ends: FlowEnds): boolean {
  return isIcmp(ends) && icmpCounterpart(ends.ipVersion, ends.srcPort) === NO_COUNTERPART;
}

/** Whether the ends talk the ICMP of their IP version. */
export function isIcmp({ ipVersion, protocol }: FlowEnds): boolean {
  return protocol === (ipVersion === 4 ? IpProtocol.icmp : IpProtocol.icmpv6);
}

/** Whether the ends of such a protocol have ports. */
export function hasPorts(protocol: number): boolean {
  return protocol === IpProtocol.tcp || protocol === IpProtocol.udp || protocol === IpProtocol.sctp;
}

function hasFlows({ protocol, ipVersion }: Layers): boolean {
  if (hasPorts(protocol)) return true;
  return protocol === ESP || (ipVersion === 4 && protocol === IPV6_IN_IP);
}

const ICMP_UNREACHABLE = 3;
/** Source quench, redirect, time exceeded, parameter problem (RFC 792), unreachable: about another packet. */
const ICMP_ERRORS: readonly number[] = [ICMP_UNREACHABLE, 4, 5, 11, 12];

function isIcmpError(type: number): boolean {
  return ICMP_ERRORS.includes(type);
}
