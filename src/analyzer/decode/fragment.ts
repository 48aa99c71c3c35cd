// What one fragment of an IP packet tells of the whole: IPv4 (RFC 791 section 3.2) and IPv6 (RFC 8200 section 4.5).

import type { Layers, PacketView } from '../../index.js';

const IPV6_HEADER = 40;
const FRAGMENT_HEADER = 8;
const FRAGMENT = 44;
const AUTHENTICATION = 51;

/** One object for fragment after fragment. */
export class Fragment {
  /** Which packet it belongs to: the same text for all of its fragments. */
  key = '';
  ipVersion = 0;
  /** Place of its data in the fragmented part, in bytes, and where that lies in the packet. */
  start = 0;
  offset = 0;
  length = 0;
  /** Bytes that the whole packet's length counts before its fragmented part: IPv4's header, IPv6's extension headers. */
  headers = 0;
  isLast = false;
  /** The protocol that begins the fragmented part. */
  protocol = 0;
  /** Time to live, or hop limit. */
  ttl = 0;

  /** False if it tells too little: its header or some of its data was not captured. `vlans`: fragments keep to theirs. */
  fill(packet: PacketView, layers: Layers, vlans: number): boolean {
    this.ipVersion = layers.ipVersion;
    this.start = layers.fragmentOffset;
    this.isLast = layers.moreFragments === 0;
    const filled = layers.ipVersion === 4 ? this.#fillV4(packet, layers) : this.#fillV6(packet, layers);
    this.key += `/${vlans}`;
    return filled && this.length > 0 && this.offset + this.length <= layers.end;
  }

  #fillV4(packet: PacketView, { l3Offset: at, l4Offset, wireEnd }: Layers): boolean {
    this.protocol = packet.u8(at + 9);
    this.ttl = packet.u8(at + 8);
    this.offset = l4Offset;
    this.headers = l4Offset - at;
    this.length = wireEnd - l4Offset;
    this.key = `${packet.u16(at + 4)}/${this.protocol}/${packet.u32(at + 12)}/${packet.u32(at + 16)}`;
    return l4Offset >= 0;
  }

  #fillV6(packet: PacketView, layers: Layers): boolean {
    const { l3Offset: at, wireEnd, end } = layers;
    const header = fragmentHeader(packet, layers);
    if (header < 0 || header + FRAGMENT_HEADER > end) return false;
    this.protocol = packet.u8(header);
    this.ttl = packet.u8(at + 7);
    this.offset = header + FRAGMENT_HEADER;
    this.headers = header - at - IPV6_HEADER;
    this.length = wireEnd - this.offset;
    let key = `${packet.u32(header + 4)}`;
    for (let word = 0; word < 8; word++) key += `/${packet.u32(at + 8 + 4 * word)}`;
    this.key = key;
    return true;
  }
}

/** Offset of the fragment header; behind it there may be more headers, which belong to what is fragmented. */
function fragmentHeader(packet: PacketView, { l3Offset, end }: Layers): number {
  let next = packet.u8(l3Offset + 6);
  let at = l3Offset + IPV6_HEADER;
  while (next !== FRAGMENT) {
    if (at + 2 > end) return -1;
    const length = packet.u8(at + 1);
    const bytes = next === AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8;
    next = packet.u8(at);
    at += bytes;
  }
  return at;
}
