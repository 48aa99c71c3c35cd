// Where the layers of a packet begin. One object is used for packet after packet: decode() fills its fields and
// allocates nothing, never throws on short or malformed bytes, and never reads outside the captured ones. What it can't
// read keeps its "none" value, and `problem` says why.

import { LayerProblem, NONE } from './layer-codes.js';
import { decodeEtherType, decodeLink, EtherType } from './link-layer.js';
import type { PacketView } from './packet-view.js';
import { decodePlain, setPlain } from './plain-path.js';

/**
 * The layers of one packet. All fields are numbers and hold until the next decode(). Offsets count from the packet's
 * first byte; lengths are in bytes and what the wire had, by the headers, so they may reach beyond caplen.
 */
export class Layers {
  /** EtherType after all VLAN tags (up to 1500: an 802.3 length); NONE where the link layer has none. */
  etherType = NONE;
  /** VLAN tags found (802.1Q, 802.1ad, 0x9100, 0x9200). */
  vlanCount = 0;
  /** VLAN id of the outermost tag, 0 to 4095; NONE without one. */
  vlanOuter = NONE;
  /** VLAN id of the second tag; NONE without one. */
  vlanInner = NONE;
  /** Start of the network header (IP, ARP, whatever the EtherType says). */
  l3Offset = NONE;
  /** 4 or 6 once a whole fixed IP header was read, else 0. Then the addresses can be read. */
  ipVersion = 0;
  /** IP protocol number, behind IPv6's extension headers (https://www.iana.org/assignments/protocol-numbers). */
  protocol = NONE;
  /** The extension headers passed, {@link Ipv6Extension} bits. */
  extensions = 0;
  /** 1: a fragment (of several), else 0. Only the one with fragmentOffset 0 has transport fields. */
  fragment = 0;
  /** Bytes of the original packet's payload before this fragment, a multiple of 8. */
  fragmentOffset = 0;
  /** 1: more fragments follow. */
  moreFragments = 0;
  /** Start of the transport header, or of the data of a later fragment. */
  l4Offset = NONE;
  /** Transport header and payload together, by the IP length. */
  l4Length = NONE;
  srcPort = NONE;
  dstPort = NONE;
  /** TCP flags, the low eight: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128 (RFC 9293). */
  tcpFlags = 0;
  tcpSeq = 0;
  tcpAck = 0;
  tcpWindow = 0;
  icmpType = NONE;
  icmpCode = NONE;
  /** Start of the transport's payload; set once the whole transport header is known. */
  payloadOffset = NONE;
  payloadLength = NONE;
  /** A {@link LayerProblem}. */
  problem: number = LayerProblem.none;

  /** Where reading must stop: the capture's end or the packet's, whichever comes first. For the decoding functions. */
  end = 0;
  /** Where the packet ended on the wire, narrowed by the IP length. For the decoding functions. */
  wireEnd = 0;

  /** Whether the last packet was a plain one, and so the fields that all of those have in common are as they should be. */
  #isPlain = false;

  /** Reads the packet's headers. Throws only what {@link PacketView} throws when the view is closed or was lapped. */
  decode(packet: PacketView): void {
    if (this.decodePlain(packet)) return;
    this.#clear();
    this.end = packet.caplen;
    // A savefile may say that more was captured than there was.
    this.wireEnd = Math.max(packet.origlen, this.end);
    decodeLink(packet, this);
  }

  /**
   * As decode(), for packets as most are: Ethernet, IPv4 without options and not a fragment, TCP or UDP, nothing wrong. False
   * for all others, and then nothing has changed.
   */
  decodePlain(packet: PacketView): boolean {
    if (!decodePlain(packet, this)) return false;
    if (!this.#isPlain) setPlain(this);
    this.#isPlain = true;
    return true;
  }

  /**
   * Goes on behind a header that decode() doesn't know (MPLS, PPPoE, 802.11): at `offset` lies what `etherType` says;
   * {@link EtherType.ethernet}: a whole Ethernet frame. VLAN tags found so far stay.
   */
  continueAt(packet: PacketView, offset: number, etherType: number): void {
    this.#isPlain = false;
    if (etherType !== EtherType.ethernet) decodeEtherType(packet, this, etherType, offset);
    else if (!this.lacks(offset + 14)) decodeEtherType(packet, this, packet.u16(offset + 12), offset + 14);
  }

  /** Reads the packet that begins at `offset` inside of another one, whose layers `outer` are: what a tunnel carries. */
  decodeInner(packet: PacketView, outer: Layers, offset: number, etherType: number): void {
    this.#clear();
    this.end = outer.end;
    this.wireEnd = outer.wireEnd;
    if (!this.lacks(offset)) this.continueAt(packet, offset, etherType);
  }

  /** Notes the problem, unless there is one already. For the decoding functions. */
  fail(problem: number): void {
    if (this.problem === LayerProblem.none) this.problem = problem;
  }

  /** Whether the packet ends before offset `needed`; if so, notes whose fault it is. For the decoding functions. */
  lacks(needed: number): boolean {
    if (needed <= this.end) return false;
    this.fail(needed > this.wireEnd ? LayerProblem.short : LayerProblem.truncated);
    return true;
  }

  #clear(): void {
    this.#isPlain = false;
    this.etherType = NONE;
    this.vlanCount = 0;
    this.vlanOuter = NONE;
    this.vlanInner = NONE;
    this.l3Offset = NONE;
    this.ipVersion = 0;
    this.protocol = NONE;
    this.extensions = 0;
    this.fragment = 0;
    this.fragmentOffset = 0;
    this.moreFragments = 0;
    this.l4Offset = NONE;
    this.l4Length = NONE;
    this.srcPort = NONE;
    this.dstPort = NONE;
    this.tcpFlags = 0;
    this.tcpSeq = 0;
    this.tcpAck = 0;
    this.tcpWindow = 0;
    this.icmpType = NONE;
    this.icmpCode = NONE;
    this.payloadOffset = NONE;
    this.payloadLength = NONE;
    this.problem = LayerProblem.none;
  }
}
