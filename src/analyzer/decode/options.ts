// Whether the options of an IPv4 (RFC 791 section 3.1) or TCP header (RFC 9293 section 3.1) fit into it.

import type { Layers, PacketView } from '../../index.js';
import type { DecoderEvent } from './events.js';

const END = 0;
const NOTHING = 1;
const TCP_HEADER = 20;
const IPV4_HEADER = 20;

/** The words that nearly all segments have: two of nothing, then a timestamp of ten bytes. */
const USUAL = 0x0101080a;
const USUAL_BYTES = 12;

/** Lengths that TCP's options must have, by kind; the others are as long as they say. */
const TCP_LENGTHS: Readonly<Record<number, number>> = { 2: 4, 3: 3, 4: 2, 8: 10 };

/** What is wrong with the options of a TCP header that has some. */
export function tcpOptionEvent(packet: PacketView, layers: Layers): DecoderEvent | undefined {
  const at = layers.l4Offset + TCP_HEADER;
  if (layers.payloadOffset > packet.caplen) return undefined;
  if (layers.payloadOffset - at === USUAL_BYTES && packet.u32(at) === USUAL) return undefined;
  return walk(packet, at, layers.payloadOffset, TCP_LENGTHS) ? undefined : 'tcp.opt_invalid_len';
}

const ANY_LENGTH: Readonly<Record<number, number>> = {};

/** What is wrong with the options of an IPv4 header that has some. */
export function ipv4OptionEvent(packet: PacketView, layers: Layers): DecoderEvent | undefined {
  if (layers.l4Offset > packet.caplen) return undefined;
  return walk(packet, layers.l3Offset + IPV4_HEADER, layers.l4Offset, ANY_LENGTH) ? undefined : 'ipv4.opt_invalid_len';
}

function walk(packet: PacketView, start: number, end: number, lengths: Readonly<Record<number, number>>): boolean {
  let at = start;
  while (at < end) {
    const kind = packet.u8(at);
    if (kind === END) return true;
    if (kind === NOTHING) {
      at++;
      continue;
    }
    if (at + 2 > end) return false;
    const length = packet.u8(at + 1);
    if (length < 2 || at + length > end || length !== (lengths[kind] ?? length)) return false;
    at += length;
  }
  return true;
}
