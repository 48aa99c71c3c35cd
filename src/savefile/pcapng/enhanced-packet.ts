// The block that holds a packet: runs once per packet and so works in place.
// Source: draft-ietf-opsawg-pcapng, section 4.3; its drawing, with the bytes of each field:
//
//   type 4 | total length 4 | interface id 4 | timestamp high 4, low 4 | caplen 4 | origlen 4
//   packet, padded to 4 | the packet's comments | epb_flags 8 (if known) | epb_dropcount 12 (after a gap)
//   end of options 4 (if there are any) | total length 4

import type { PacketView } from '../../packet/packet-view.js';
import { RecordFlag } from '../../packet/record.js';
import type { Destination } from '../writer.js';
import { BlockType, padded } from './block.js';
import { highWord, lowWord } from './timestamp.js';

const HEADER_BYTES = 28;
const TAIL_BYTES = 4;
const END_OF_OPTIONS_BYTES = 4;
const FLAGS_BYTES = 8;
const DROPCOUNT_BYTES = 12;

const EPB_FLAGS = 2;
const EPB_DROPCOUNT = 4;
const INBOUND = 1;
const OUTBOUND = 2;
const WORD = 4_294_967_296;

/** Bytes of the block for this packet, when `missed` packets are missing before it. */
export function enhancedPacketBytes(packet: PacketView, missed: number): number {
  const ours = (directionOf(packet) === 0 ? 0 : FLAGS_BYTES) + (missed === 0 ? 0 : DROPCOUNT_BYTES);
  const options = packet.options.length + ours;
  return HEADER_BYTES + padded(packet.caplen) + (options === 0 ? 0 : options + END_OF_OPTIONS_BYTES) + TAIL_BYTES;
}

/** Writes the block at `at` and gives the offset after it. */
export function encodeEnhancedPacket(
  packet: PacketView,
  context: { readonly interfaceId: number; readonly missed: number },
  into: Destination,
  at: number,
): number {
  const options = encodeData(packet, into, at + HEADER_BYTES);
  const tail = encodeOptions(packet, context.missed, into, options);
  const total = tail + TAIL_BYTES - at;
  encodeHeader(packet, context.interfaceId, into.view, at);
  into.view.setUint32(at + 4, total, true);
  into.view.setUint32(tail, total, true);
  return at + total;
}

function encodeHeader(packet: PacketView, interfaceId: number, view: DataView, at: number): void {
  const sec = packet.tsSec;
  const nsec = packet.tsNsec;
  const low = lowWord(sec, nsec);
  view.setUint32(at, BlockType.enhancedPacket, true);
  view.setUint32(at + 8, interfaceId, true);
  view.setUint32(at + 12, highWord(sec, nsec, low), true);
  view.setUint32(at + 16, low, true);
  view.setUint32(at + 20, packet.caplen, true);
  view.setUint32(at + 24, packet.origlen, true);
}

/**
 * The bytes and their padding. `data` makes a short-lived view; copying without one, a word at a time, was measured
 * slower at every size from 60 bytes up (three times at 361).
 */
function encodeData(packet: PacketView, into: Destination, at: number): number {
  const caplen = packet.caplen;
  const end = at + padded(caplen);
  // The destination is used again and again: padding must not carry bytes of an earlier packet.
  if (end > at + caplen) into.view.setUint32(end - 4, 0, true);
  into.bytes.set(packet.data, at);
  return end;
}

function encodeOptions(packet: PacketView, missed: number, { bytes, view }: Destination, start: number): number {
  const comments = packet.options;
  if (comments.length > 0) bytes.set(comments, start);
  let at = start + comments.length;
  const direction = directionOf(packet);
  if (direction !== 0) {
    at = optionHeader(view, at, EPB_FLAGS, 4);
    view.setUint32(at, direction, true);
    at += 4;
  }
  if (missed !== 0) {
    at = optionHeader(view, at, EPB_DROPCOUNT, 8);
    view.setUint32(at, missed >>> 0, true);
    view.setUint32(at + 4, Math.floor(missed / WORD), true);
    at += 8;
  }
  return at === start ? at : optionHeader(view, at, 0, 0);
}

function optionHeader(view: DataView, at: number, code: number, length: number): number {
  view.setUint16(at, code, true);
  view.setUint16(at + 2, length, true);
  return at + 4;
}

/** The lowest two bits of epb_flags: 0 unknown, 1 inbound, 2 outbound. */
function directionOf(packet: PacketView): number {
  const flags = packet.flags;
  if ((flags & RecordFlag.inbound) !== 0) return INBOUND;
  return (flags & RecordFlag.outbound) !== 0 ? OUTBOUND : 0;
}
