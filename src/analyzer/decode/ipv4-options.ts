// What is wrong with the options of an IPv4 header (RFC 791 section 3.1), by Suricata's names.

import type { PacketView } from '../../index.js';
import type { DecoderEvent, EventSink } from './events.js';

const IPV4_HEADER = 20;

const Option = {
  end: 0,
  nothing: 1,
  recordRoute: 7,
  quickStart: 25,
  timestamp: 68,
  security: 130,
  looseRoute: 131,
  cipso: 134,
  streamId: 136,
  strictRoute: 137,
  routerAlert: 148,
} as const;

/** The least and the largest length of options without a pointer (RFC 791, RFC 1108, RFC 2113, RFC 4782). */
const LENGTHS: Readonly<Record<number, readonly [number, number]>> = {
  [Option.quickStart]: [8, 40],
  [Option.security]: [3, 40],
  [Option.streamId]: [4, 4],
  [Option.routerAlert]: [4, 4],
};

/** Tells of the options between the fixed header at `start` and `end`. False: one goes beyond, the packet is broken. */
export function tellIpv4Options(packet: PacketView, start: number, end: number, events: EventSink): boolean {
  let at = start + IPV4_HEADER;
  if ((end - at) % 8 !== 0) events.event('ipv4.opt_pad_required');
  // A bit for each of the options that may be there once.
  let seen = 0;
  while (at < end) {
    const kind = packet.u8(at);
    if (kind === Option.end) return true;
    if (kind === Option.nothing) {
      at++;
      continue;
    }
    if (end - at < 2) return told(events, 'ipv4.opt_eol_required');
    const length = packet.u8(at + 1);
    if (length < 2 || at + length > end) return !told(events, 'ipv4.opt_invalid_len');
    const bit = bitOf(kind);
    const event = (seen & bit) !== 0 ? 'ipv4.opt_duplicate' : optionEvent(packet, at, length);
    if (event !== undefined) events.event(event);
    else seen |= bit;
    at += length;
  }
  return true;
}

function told(events: EventSink, name: DecoderEvent): true {
  events.event(name);
  return true;
}

const KNOWN: readonly number[] = Object.values(Option);

/** 0: unknown. */
function bitOf(kind: number): number {
  const index = KNOWN.indexOf(kind);
  return index < 0 ? 0 : 1 << index;
}

function optionEvent(packet: PacketView, at: number, length: number): DecoderEvent | undefined {
  switch (packet.u8(at)) {
    case Option.recordRoute:
    case Option.looseRoute:
    case Option.strictRoute:
      return routeEvent(packet, at, length);
    case Option.timestamp:
      return timestampEvent(packet, at, length);
    case Option.cipso:
      return length < 10 ? 'ipv4.opt_invalid_len' : cipsoEvent(packet, at, length);
    default:
      return plainEvent(LENGTHS[packet.u8(at)], length);
  }
}

function plainEvent(lengths: readonly [number, number] | undefined, length: number): DecoderEvent | undefined {
  if (lengths === undefined) return 'ipv4.opt_invalid';
  return length < lengths[0] || length > lengths[1] ? 'ipv4.opt_invalid_len' : undefined;
}

/** The pointer must lie on an address, or behind the last one. */
function routeEvent(packet: PacketView, at: number, length: number): DecoderEvent | undefined {
  if (length < 3) return 'ipv4.opt_invalid_len';
  const pointer = packet.u8(at + 2);
  return pointer < 4 || pointer % 4 !== 0 || pointer > length + 1 ? 'ipv4.opt_malformed' : undefined;
}

/** So must that of timestamps: of four bytes, or of eight with the address of who made it. */
function timestampEvent(packet: PacketView, at: number, length: number): DecoderEvent | undefined {
  if (length < 5) return 'ipv4.opt_invalid_len';
  const pointer = packet.u8(at + 2);
  const flag = packet.u8(at + 3) & 15;
  const size = flag === 0 ? 4 : 8;
  const isKnown = flag === 0 || flag === 1 || flag === 3;
  return !isKnown || pointer < 5 || (pointer - 5) % size !== 0 || pointer > length + 1
    ? 'ipv4.opt_malformed'
    : undefined;
}

const ALIGNED_TAGS: readonly number[] = [1, 2, 5];

/** A domain of interpretation, and tags that fill the rest (FIPS 188). */
function cipsoEvent(packet: PacketView, start: number, length: number): DecoderEvent | undefined {
  const end = start + length;
  if (packet.u32(start + 2) === 0) return 'ipv4.opt_malformed';
  let at = start + 6;
  while (at < end) {
    if (end - at < 2) return 'ipv4.opt_malformed';
    const tag = packet.u8(at);
    const size = packet.u8(at + 1);
    if (tag === 0 || size < 4 || at + size > end) return 'ipv4.opt_malformed';
    // Bitmaps, levels and ranges begin with a byte that is 0.
    if (ALIGNED_TAGS.includes(tag) && packet.u8(at + 2) !== 0) return 'ipv4.opt_malformed';
    at += size;
  }
  return undefined;
}
