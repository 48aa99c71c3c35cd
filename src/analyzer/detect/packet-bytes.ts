// The bytes of one packet from its IP header on, copied: what a rule was decided by must not change while others look at
// it. One object for packet after packet; what it gives is valid until the next.

import type { Layers, PacketView } from '../../index.js';
import type { HeaderName } from '../rules/packet-facts.js';

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
  /** What follows the transport header; for ICMP what follows identifier and sequence number. */
  payload: Uint8Array = NOTHING;
  /** Used again and again: what lies behind the packet's end is another's. */
  #scratch = new Uint8Array(FIRST_BYTES);
  #length = 0;
  #version = 0;
  /** Where the transport header begins, and up to where it and its payload go by the headers; -1: there is none. */
  #transport = -1;
  #end = -1;

  /** Throws what the view throws. */
  fill(packet: PacketView, layers: Layers): void {
    const { l3Offset, l4Offset, payloadOffset, payloadLength, fragment } = layers;
    this.#version = layers.ipVersion;
    this.#length = this.#version === 0 ? 0 : this.#copy(packet.data.subarray(l3Offset, layers.end));
    const hasTransport = l4Offset >= 0 && fragment === 0;
    this.#transport = hasTransport ? l4Offset - l3Offset : -1;
    this.#end = hasTransport ? this.#transport + layers.l4Length : -1;
    const at = payloadOffset - l3Offset;
    const skipped = layers.icmpType >= 0 ? ICMP_REST_BYTES : 0;
    this.payload = payloadOffset < 0 ? NOTHING : this.#upTo(at + skipped, at + payloadLength);
  }

  /** undefined: the packet has no such header, or not all of it was captured. */
  header(name: HeaderName, protocol: number): Uint8Array | undefined {
    if (name === 'ip.src' || name === 'ip.dst') return this.#address(name === 'ip.src' ? 'src' : 'dst');
    if (name === 'ipv4.hdr') return this.#version === 4 ? this.#part(0, 4 * (this.#scratch[0]! & 15)) : undefined;
    if (this.#transport < 0) return undefined;
    if (name === 'ipv6.hdr') return this.#version === 6 ? this.#part(0, this.#transport) : undefined;
    if (name === 'transport') return this.#part(this.#transport, this.#end);
    if (protocol !== PROTOCOLS[name]) return undefined;
    return this.#part(this.#transport, this.#transport + this.#transportHeaderBytes(name));
  }

  #transportHeaderBytes(name: HeaderName): number {
    if (name === 'udp.hdr') return UDP_HEADER_BYTES;
    if (name !== 'tcp.hdr') return ICMP_HEADER_BYTES;
    const at = this.#transport + TCP_DATA_OFFSET;
    return at < this.#length ? 4 * (this.#scratch[at]! >> 4) : 0;
  }

  #address(end: 'src' | 'dst'): Uint8Array | undefined {
    if (this.#version !== 4 && this.#version !== 6) return undefined;
    const { [end]: at, bytes } = ADDRESSES[this.#version];
    return this.#part(at, at + bytes);
  }

  #part(from: number, to: number): Uint8Array | undefined {
    return to > from && to <= this.#length ? this.#scratch.subarray(from, to) : undefined;
  }

  /** As much of it as was captured. */
  #upTo(from: number, to: number): Uint8Array {
    const end = Math.min(to, this.#length);
    return from < end ? this.#scratch.subarray(from, end) : NOTHING;
  }

  #copy(from: Uint8Array): number {
    if (from.length > this.#scratch.length) this.#scratch = new Uint8Array(2 * from.length);
    this.#scratch.set(from);
    return from.length;
  }
}

const PROTOCOLS: Readonly<Partial<Record<HeaderName, number>>> = {
  'tcp.hdr': 6,
  'udp.hdr': 17,
  'icmpv4.hdr': 1,
  'icmpv6.hdr': 58,
};
