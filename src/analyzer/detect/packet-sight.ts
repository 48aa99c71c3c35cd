// A packet as rules see it. Most packets are of no rule: what tells so is there at once, and the rest is taken from the view
// when somebody asks for it, payload and headers at once, and only then is it asked whether all of that is intact.

import { IpProtocol, type Layers, NONE, type PacketView } from '../../index.js';
import { hasEnds, isBroken } from '../decode/header-events.js';
import { TcpFlag } from '../flow/tcp-state.js';
import { TCP, UDP } from '../ip-protocols.js';
import type { FlowCounts, HeaderName, PacketFacts } from '../rules/packet-facts.js';
import type { Candidates } from './candidates.js';
import type { SegmentEnd } from './flow-counts.js';
import type { FlowContext } from './flow-sight.js';
import { PacketBytes } from './packet-bytes.js';
import type { GroupPart } from './packet-group.js';

const ICMP_REST_BYTES = 4;
/** The protocol of a fragment of IPv6, as Suricata has it: that of its header (RFC 8200, section 4.5). */
const IPV6_FRAGMENT = 44;

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
  isRebuilt = false;
  readonly streamOffset = 0;
  sec = 0;
  nsec = 0;
  flow = -1;
  direction = 0;
  established = false;
  hasStream = false;
  isEncrypted = false;
  /** Its headers can be believed: rules look at it, and not only at what is wrong with it. */
  isWhole = false;
  #packet: PacketView | undefined;
  #layers: Layers | undefined;
  #isLoaded = false;
  readonly #words = new Uint32Array(8);
  readonly #bytes = new PacketBytes();
  readonly #context: FlowContext | undefined;

  /** Without a context it tells nothing of its flow. */
  constructor(context?: FlowContext) {
    this.#context = context;
  }

  /** All of a packet at once. Throws what the view throws; the flow's fields are set apart. */
  fill(packet: PacketView, layers: Layers): void {
    this.begin(packet, layers);
    this.sec = packet.tsSec;
    this.nsec = packet.tsNsec;
    this.#take(packet, layers);
  }

  /** What comes of the layers alone. Until the next call, load() takes the rest from the same view and layers. */
  begin(packet: PacketView, layers: Layers): void {
    this.#packet = packet;
    this.#layers = layers;
    this.#isLoaded = false;
    this.isEncrypted = false;
    this.isWhole = !isBroken(layers);
    this.ipVersion = hasEnds(layers) ? layers.ipVersion : 0;
    // Of a fragment only the IP header is believed: what it carries is looked at when it is whole.
    const isFragment = layers.fragment === 1;
    this.protocol = isFragment && layers.ipVersion === 6 ? IPV6_FRAGMENT : layers.protocol;
    const hasPorts = this.isWhole && !isFragment;
    this.srcPort = hasPorts ? layers.srcPort : portless(layers);
    this.dstPort = hasPorts ? layers.dstPort : portless(layers);
    const isTcp = layers.protocol === TCP && layers.payloadOffset >= 0 && !isFragment;
    this.tcpFlags = isTcp ? layers.tcpFlags : -1;
    this.tcpSeq = layers.tcpSeq;
    this.tcpAck = layers.tcpAck;
    this.isSyn = isTcp && (layers.tcpFlags & TcpFlag.syn) !== 0;
  }

  /** False: the packet was overwritten meanwhile, and nothing may be believed of it. */
  load(): boolean {
    if (this.#isLoaded) return true;
    const packet = this.#packet!;
    try {
      this.#take(packet, this.#layers!);
      this.#isLoaded = packet.isIntact();
    } catch (error) {
      if (packet.isIntact()) throw error;
    }
    return this.#isLoaded;
  }

  /** It was captured at least in part. */
  get hasPayload(): boolean {
    const { payloadOffset, payloadLength, fragment } = this.#layers!;
    return payloadOffset >= 0 && payloadLength > 0 && fragment === 0;
  }

  /** All was taken, and is intact. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get nextSeq(): number {
    return this.tcpSeq + this.#layers!.payloadLength + (this.isSyn ? 1 : 0);
  }

  get appProtocol(): string | undefined {
    return this.flow < 0 ? undefined : this.#context?.appProtocol(this.flow);
  }

  get flowCounts(): FlowCounts | undefined {
    return this.flow < 0 ? undefined : this.#context?.progress.at(this.flow);
  }

  get payload(): Uint8Array {
    return this.#bytes.payload;
  }

  /** Adds the rules whose patterns lie in the payload. Loaded before. */
  findIn(part: GroupPart, found: Candidates): void {
    const { memory, payloadStart, payloadEnd } = this.#bytes;
    if (payloadStart < payloadEnd) part.find(memory, payloadStart, payloadEnd, found);
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

  #take(packet: PacketView, layers: Layers): void {
    this.#fillIp(packet, layers);
    this.tcpWindow = this.tcpFlags < 0 ? -1 : layers.tcpWindow;
    this.#fillIcmp(packet, layers);
    this.#bytes.fill(packet, layers);
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
    this.fragmentOffset = isV4 || layers.fragment === 1 ? layers.fragmentOffset / 8 : -1;
  }

  /** Identifier and sequence number are those of all questions and answers (RFC 792, RFC 4443). */
  #fillIcmp(packet: PacketView, layers: Layers): void {
    const isWhole = layers.fragment === 0;
    this.icmpType = isWhole ? layers.icmpType : -1;
    this.icmpCode = isWhole ? layers.icmpCode : -1;
    const at = layers.payloadOffset;
    const has = this.icmpType >= 0 && at + ICMP_REST_BYTES <= packet.caplen;
    this.icmpId = has ? packet.u16(at) : -1;
    this.icmpSeq = has ? packet.u16(at + 2) : -1;
  }
}

const PORTS: readonly number[] = [TCP, UDP, IpProtocol.sctp];

/** Ports of a packet of which they can't be believed, or are elsewhere: 0 where there ought to be some, as Suricata has it. */
function portless({ protocol, l4Offset, ipVersion, fragment }: Layers): number {
  const isBehindExtension = ipVersion === 6 && fragment === 1;
  return l4Offset >= 0 && PORTS.includes(protocol) && !isBehindExtension ? 0 : NONE;
}
