// What is wrong with the options of a TCP header (RFC 9293 section 3.1), by Suricata's names.

import type { Layers, PacketView } from '../../index.js';
import type { EventSink } from './events.js';

const END = 0;
const NOTHING = 1;
const TCP_HEADER = 20;

/** The words that nearly all segments have: two of nothing, then a timestamp of ten bytes. */
const USUAL = 0x0101080a;
const USUAL_BYTES = 12;

const SACK = 5;
const FAST_OPEN = 34;
const EXPERIMENT = 253;

/** Lengths that options must have, by kind: segment size, window scale, SACK permitted, timestamps, MD5. */
const LENGTHS: Readonly<Record<number, number>> = { 2: 4, 3: 3, 4: 2, 8: 10, 19: 18 };
/** Of those, the ones that may be there once; and SACK and fast open. */
const ONCE: readonly number[] = [2, 3, 4, 8, SACK, FAST_OPEN];

/** Tells of the options of a TCP header that has some. */
export function tellTcpOptions(packet: PacketView, layers: Layers, events: EventSink): void {
  if (layers.payloadOffset > layers.end || hasUsualOptions(packet, layers)) return;
  walk(packet, layers.l4Offset + TCP_HEADER, layers.payloadOffset, events);
}

/** Whether a TCP header that was captured has no options, or those that nearly all segments have: nothing is wrong with them. */
export function hasUsualOptions(packet: PacketView, { l4Offset, payloadOffset }: Layers): boolean {
  const at = l4Offset + TCP_HEADER;
  return payloadOffset === at || (payloadOffset - at === USUAL_BYTES && packet.u32(at) === USUAL);
}

function walk(packet: PacketView, start: number, end: number, events: EventSink): void {
  let at = start;
  let seen = 0;
  while (at < end) {
    const kind = packet.u8(at);
    if (kind === END) return;
    if (kind === NOTHING) {
      at++;
      continue;
    }
    if (end - at < 2) return;
    const length = packet.u8(at + 1);
    if (length < 2 || at + length > end) return events.event('tcp.opt_invalid_len');
    if (!isLength(kind, length)) events.event('tcp.opt_invalid_len');
    else {
      const bit = bitOf(kind);
      if ((seen & bit) !== 0) events.event('tcp.opt_duplicate');
      seen |= bit;
    }
    at += length;
  }
}

/** A SACK has up to four blocks of eight bytes (RFC 2018), a fast open a cookie (RFC 7413), or none in experiments. */
function isLength(kind: number, length: number): boolean {
  if (kind === SACK) return length <= 34 && (length - 2) % 8 === 0;
  if (kind === FAST_OPEN) return length === 2 || (length >= 6 && length <= 18 && length % 2 === 0);
  if (kind >= EXPERIMENT) return length === 4 || length === 12;
  return length === (LENGTHS[kind] ?? length);
}

/** 0: may be repeated. */
function bitOf(kind: number): number {
  const index = ONCE.indexOf(kind);
  return index < 0 ? 0 : 1 << index;
}
