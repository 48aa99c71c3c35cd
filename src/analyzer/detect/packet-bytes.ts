// The bytes of one packet, copied: what a rule was decided by must not change while others look at it. One object for packet
// after packet; what it gives is valid until the next.

import type { Layers, PacketView } from '../../index.js';
import type { HeaderName } from '../rules/packet-facts.js';
import { WordMemory } from './word-memory.js';

const NOTHING = new Uint8Array(0);
const FIRST_BYTES = 2048;
const UDP_HEADER_BYTES = 8;
const ICMP_HEADER_BYTES = 8;
const ICMP_REST_BYTES = 4;
const TCP_DATA_OFFSET = 12;

/** Where IP's addresses stand in its header, and their length. */
const ADDRESSES = { 4: { src: 12, dst: 16, bytes: 4 }, 6: { src: 8, dst: 24, bytes: 16 } } as const;

/** Filled for packet after packet. */
export class PacketBytes {
  /** Used again and again: what lies behind the packet's end is another's. */
  readonly memory = new WordMemory(FIRST_BYTES);
  /** What follows the transport header; for ICMP what follows identifier and sequence number. As much as was captured. */
  payloadStart = 0;
  payloadEnd = 0;
  #payload: Uint8Array | undefined;
  #version = 0;
  /** Where the IP header begins, and where the packet ends. */
  #ip = 0;
  #packetEnd = 0;
  /** Where the transport header begins, and up to where it and its payload go by the headers; -1: there is none. */
  #transport = -1;
  #end = -1;

  /** Throws what the view throws. */
  fill(packet: PacketView, layers: Layers): void {
    const { l3Offset, l4Offset, payloadOffset, payloadLength, fragment } = layers;
    this.#version = layers.ipVersion;
    this.#ip = l3Offset;
    this.#packetEnd = this.#version === 0 ? 0 : layers.end;
    if (l3Offset >= 0 && l3Offset < this.#packetEnd) this.#copy(packet);
    const hasTransport = l4Offset >= 0 && fragment === 0;
    this.#transport = hasTransport ? l4Offset : -1;
    this.#end = hasTransport ? l4Offset + layers.l4Length : -1;
    const skipped = layers.icmpType >= 0 ? ICMP_REST_BYTES : 0;
    const hasPayload = payloadOffset >= 0 && fragment === 0;
    this.payloadStart = !hasPayload ? 0 : payloadOffset + skipped;
    this.payloadEnd = !hasPayload ? 0 : Math.min(payloadOffset + payloadLength, this.#packetEnd);
    this.#payload = undefined;
  }

  #copy(packet: PacketView): void {
    this.memory.reserve(this.#packetEnd);
    packet.copyTo(this.memory.words, this.#ip, this.#packetEnd);
  }

  /** Between {@link payloadStart} and {@link payloadEnd}. */
  get payload(): Uint8Array {
    this.#payload ??=
      this.payloadStart < this.payloadEnd ? this.memory.bytes.subarray(this.payloadStart, this.payloadEnd) : NOTHING;
    return this.#payload;
  }

  /** undefined: the packet has no such header, or not all of it was captured. */
  header(name: HeaderName, protocol: number): Uint8Array | undefined {
    if (name === 'ip.src' || name === 'ip.dst') return this.#address(name === 'ip.src' ? 'src' : 'dst');
    if (name === 'ipv4.hdr') return this.#version === 4 ? this.#ipv4() : undefined;
    if (this.#transport < 0) return undefined;
    if (name === 'ipv6.hdr') return this.#version === 6 ? this.#part(this.#ip, this.#transport) : undefined;
    if (name === 'transport') return this.#part(this.#transport, this.#end);
    if (protocol !== PROTOCOLS[name]) return undefined;
    return this.#part(this.#transport, this.#transport + this.#transportHeaderBytes(name));
  }

  #ipv4(): Uint8Array | undefined {
    return this.#part(this.#ip, this.#ip + 4 * (this.memory.bytes[this.#ip]! & 15));
  }

  #transportHeaderBytes(name: HeaderName): number {
    if (name === 'udp.hdr') return UDP_HEADER_BYTES;
    if (name !== 'tcp.hdr') return ICMP_HEADER_BYTES;
    const at = this.#transport + TCP_DATA_OFFSET;
    return at < this.#packetEnd ? 4 * (this.memory.bytes[at]! >> 4) : 0;
  }

  #address(end: 'src' | 'dst'): Uint8Array | undefined {
    if (this.#version !== 4 && this.#version !== 6) return undefined;
    const { [end]: at, bytes } = ADDRESSES[this.#version];
    return this.#part(this.#ip + at, this.#ip + at + bytes);
  }

  #part(from: number, to: number): Uint8Array | undefined {
    return to > from && to <= this.#packetEnd ? this.memory.bytes.subarray(from, to) : undefined;
  }
}

const PROTOCOLS: Readonly<Partial<Record<HeaderName, number>>> = {
  'tcp.hdr': 6,
  'udp.hdr': 17,
  'icmpv4.hdr': 1,
  'icmpv6.hdr': 58,
};
