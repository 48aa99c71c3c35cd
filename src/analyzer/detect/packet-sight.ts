// A packet as rules see it. Everything is taken from the view at once, before it is known to be intact.

import { IpProtocol, type Layers, NONE, type PacketView } from '../../index.js';
import { hasEnds, isBroken } from '../decode/header-events.js';
import { TcpFlag } from '../flow/tcp-state.js';
import type { FlowCounts, HeaderName, PacketFacts } from '../rules/packet-facts.js';
import type { SegmentEnd } from './flow-counts.js';
import { PacketBytes } from './packet-bytes.js';

const ICMP_REST_BYTES = 4;

/** Filled for packet after packet. */
export class PacketSight implements PacketFacts, SegmentEnd {
  ipVersion = 0;
  protocol = -1;
  srcPort = -1;
  dstPort = -1;
  ttl = -1;
  tos = -1;
  ipId = -1;
  ipFlags = -1;
  fragmentOffset = -1;
  tcpFlags = -1;
  tcpSeq = -1;
  tcpAck = -1;
  tcpWindow = -1;
  icmpType = -1;
  icmpCode = -1;
  icmpId = -1;
  icmpSeq = -1;
  isSyn = false;
  nextSeq = 0;
  isRebuilt = false;
  flowCounts: FlowCounts | undefined;
  readonly streamOffset = 0;
  sec = 0;
  nsec = 0;
  flow = -1;
  direction = 0;
  established = false;
  hasStream = false;
  appProtocol: string | undefined;
  /** Its headers can be believed: rules look at it, and not only at what is wrong with it. */
  isWhole = false;
  readonly #words = new Uint32Array(8);
  readonly #bytes = new PacketBytes();

  /** Throws what the view throws. The flow's fields are set apart. */
  fill(packet: PacketView, layers: Layers): void {
    this.isWhole = !isBroken(layers);
    this.ipVersion = hasEnds(layers) ? layers.ipVersion : 0;
    this.protocol = layers.protocol;
    const hasPorts = this.isWhole && layers.fragment === 0;
    this.srcPort = hasPorts ? layers.srcPort : portless(layers);
    this.dstPort = hasPorts ? layers.dstPort : portless(layers);
    this.sec = packet.tsSec;
    this.nsec = packet.tsNsec;
    this.#fillIp(packet, layers);
    const isTcp = layers.protocol === IpProtocol.tcp && layers.payloadOffset >= 0;
    this.tcpFlags = isTcp ? layers.tcpFlags : -1;
    this.tcpSeq = layers.tcpSeq;
    this.isSyn = isTcp && (layers.tcpFlags & TcpFlag.syn) !== 0;
    this.nextSeq = layers.tcpSeq + layers.payloadLength + (this.isSyn ? 1 : 0);
    this.tcpAck = layers.tcpAck;
    this.tcpWindow = isTcp ? layers.tcpWindow : -1;
    this.#fillIcmp(packet, layers);
    this.#bytes.fill(packet, layers);
  }

  get payload(): Uint8Array {
    return this.#bytes.payload;
  }

  header(name: HeaderName): Uint8Array | undefined {
    return this.#bytes.header(name, this.protocol);
  }

  srcWord(index: number): number {
    return this.#words[index]!;
  }

  dstWord(index: number): number {
    return this.#words[4 + index]!;
  }

  #fillIp(packet: PacketView, layers: Layers): void {
    const at = layers.l3Offset;
    const isV4 = layers.ipVersion === 4;
    const isV6 = layers.ipVersion === 6;
    for (let i = 0; i < 8; i++) this.#words[i] = isV6 ? packet.u32(at + 8 + 4 * i) : 0;
    if (isV4) this.#words[0] = packet.u32(at + 12);
    if (isV4) this.#words[4] = packet.u32(at + 16);
    this.ttl = isV4 ? packet.u8(at + 8) : isV6 ? packet.u8(at + 7) : -1;
    this.tos = isV4 ? packet.u8(at + 1) : isV6 ? (packet.u16(at) >> 4) & 255 : -1;
    this.ipId = isV4 ? packet.u16(at + 4) : -1;
    this.ipFlags = isV4 ? packet.u8(at + 6) >> 5 : -1;
    this.fragmentOffset = isV4 ? layers.fragmentOffset / 8 : -1;
  }

  /** Identifier and sequence number are those of all questions and answers (RFC 792, RFC 4443). */
  #fillIcmp(packet: PacketView, layers: Layers): void {
    this.icmpType = layers.icmpType;
    this.icmpCode = layers.icmpCode;
    const at = layers.payloadOffset;
    const has = layers.icmpType >= 0 && at + ICMP_REST_BYTES <= packet.caplen;
    this.icmpId = has ? packet.u16(at) : -1;
    this.icmpSeq = has ? packet.u16(at + 2) : -1;
  }
}

const PORTS: readonly number[] = [IpProtocol.tcp, IpProtocol.udp, IpProtocol.sctp];

/** Ports of a packet of which they can't be believed, or are elsewhere: 0 where there ought to be some, as Suricata has it. */
function portless({ protocol, l4Offset, ipVersion, fragment }: Layers): number {
  const isBehindExtension = ipVersion === 6 && fragment === 1;
  return l4Offset >= 0 && PORTS.includes(protocol) && !isBehindExtension ? 0 : NONE;
}
