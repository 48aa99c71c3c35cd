// 802.11 data frames (IEEE 802.11-2020 section 9.3.2), alone and behind the headers that capturing programs put before
// them, and the LLC/SNAP header (RFC 1042) that tells what they carry. Encrypted frames carry nothing readable.

import type { Layers, PacketView } from '../../index.js';
import type { Entry } from './entry.js';

const DATA = 2;
const QOS = 0x80;
const NO_DATA = 0x40;
const TO_DS_FROM_DS = 0x03;
const PROTECTED = 0x40;
const ORDER = 0x80;
const HEADER = 24;
const ADDRESS = 6;

/** Behind the header of the 802.11 frame at `at`. */
export function enterWireless(packet: PacketView, layers: Layers, at: number, entry: Entry): boolean {
  if (layers.end - at < HEADER) return false;
  const control = packet.u8(at);
  const flags = packet.u8(at + 1);
  if (((control >> 2) & 3) !== DATA || (control & NO_DATA) !== 0 || (flags & PROTECTED) !== 0) return false;
  let offset = at + HEADER;
  if ((flags & TO_DS_FROM_DS) === TO_DS_FROM_DS) offset += ADDRESS;
  // QoS control, and HT control where the order bit announces it.
  if ((control & QOS) !== 0) offset += (flags & ORDER) !== 0 ? 6 : 2;
  return enterSnap(packet, layers, offset, entry);
}

/** Behind a radiotap header, whose length is its second pair of bytes, little-endian (radiotap.org). */
export function enterRadiotap(packet: PacketView, layers: Layers, entry: Entry): boolean {
  if (layers.end < 4) return false;
  return enterWireless(packet, layers, packet.u8(2) | (packet.u8(3) << 8), entry);
}

/** Behind a Prism header, whose length is in its second word in the byte order of whoever wrote it, or AVS's, big-endian. */
export function enterPrism(packet: PacketView, layers: Layers, entry: Entry): boolean {
  if (layers.end < 8) return false;
  const length = packet.u32(4);
  return enterWireless(packet, layers, length < 0x10000 ? length : swapped(length), entry);
}

/** Behind an LLC/SNAP header of Ethernet's kind. */
export function enterSnap(packet: PacketView, layers: Layers, at: number, entry: Entry): boolean {
  if (layers.end - at < 8 || packet.u32(at) !== 0xaaaa0300 || packet.u16(at + 4) >> 8 !== 0) return false;
  return entry.set(at + 8, packet.u16(at + 6));
}

function swapped(word: number): number {
  return ((word >>> 24) | ((word >>> 8) & 0xff00) | ((word & 0xff00) << 8) | (word << 24)) >>> 0;
}
