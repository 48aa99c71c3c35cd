// A packet as rules see it. Everything is taken from the view at once, before it is known to be intact.

import { IpProtocol, type Layers, type PacketView } from '../../index.js';
import type { PacketFacts } from '../rules/packet-facts.js';

const NOTHING = new Uint8Array(0);
const ICMP_REST_BYTES = 4;

/** Filled for packet after packet. */
export class PacketSight implements PacketFacts {
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
  payload: Uint8Array = NOTHING;
  readonly streamOffset = 0;
  sec = 0;
  nsec = 0;
  flow = -1;
  direction = 0;
  established = false;
  hasStream = false;
  appProtocol: string | undefined;
  readonly #words = new Uint32Array(8);
  #scratch = new Uint8Array(2048);

  /** Throws what the view throws. The flow's fields are set apart. */
  fill(packet: PacketView, layers: Layers): void {
    this.ipVersion = layers.ipVersion;
    this.protocol = layers.protocol;
    this.srcPort = layers.srcPort;
    this.dstPort = layers.dstPort;
    this.sec = packet.tsSec;
    this.nsec = packet.tsNsec;
    this.#fillIp(packet, layers);
    const isTcp = layers.protocol === IpProtocol.tcp && layers.payloadOffset >= 0;
    this.tcpFlags = isTcp ? layers.tcpFlags : -1;
    this.tcpSeq = layers.tcpSeq;
    this.tcpAck = layers.tcpAck;
    this.tcpWindow = isTcp ? layers.tcpWindow : -1;
    this.#fillIcmp(packet, layers);
    this.#fillPayload(packet, layers);
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

  /** Copied: what a rule was decided by must not change while others look at it. */
  #fillPayload(packet: PacketView, layers: Layers): void {
    this.payload = NOTHING;
    if (layers.payloadOffset < 0) return;
    const skipped = layers.icmpType >= 0 ? ICMP_REST_BYTES : 0;
    const from = packet.data.subarray(layers.payloadOffset + skipped, layers.payloadOffset + layers.payloadLength);
    if (from.length > this.#scratch.length) this.#scratch = new Uint8Array(2 * from.length);
    this.#scratch.set(from);
    this.payload = this.#scratch.subarray(0, from.length);
  }
}
