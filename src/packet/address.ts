// Addresses as text, made only when somebody wants to read them. Each function throws RangeError if the address is not
// wholly inside the captured bytes; Layers.ipVersion says whether it is.

import type { PacketView } from './packet-view.js';

/** The IPv4 address in the four bytes at `offset`, in dotted decimals. */
export function formatIPv4(packet: PacketView, offset: number): string {
  return ipv4Text(packet.u32(offset));
}

/** The IPv6 address in the sixteen bytes at `offset`, in the one form that RFC 5952 allows. */
export function formatIPv6(packet: PacketView, offset: number): string {
  return ipv6Text(packet.u32(offset), packet.u32(offset + 4), packet.u32(offset + 8), packet.u32(offset + 12));
}

/** The hardware address in the `length` (default 6) bytes at `offset`, in lower-case hexadecimal with colons. */
export function formatMac(packet: PacketView, offset: number, length = 6): string {
  let text = '';
  for (let i = 0; i < length; i++) text += (i === 0 ? '' : ':') + hexByte(packet.u8(offset + i));
  return text;
}

/** An IPv4 address given as one 32-bit number. */
export function ipv4Text(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** An IPv6 address given as four 32-bit numbers, most significant first. */
export function ipv6Text(a: number, b: number, c: number, d: number): string {
  if (isEmbeddedIpv4(a, b, c, d)) return `${c === 0 ? '::' : '::ffff:'}${ipv4Text(d)}`;
  const groups = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff, c >>> 16, c & 0xffff, d >>> 16, d & 0xffff];
  const [start, length] = longestZeroRun(groups);
  if (length < 2) return hexGroups(groups);
  return `${hexGroups(groups.slice(0, start))}::${hexGroups(groups.slice(start + length))}`;
}

/** IPv4-mapped addresses end in dotted decimals (RFC 5952 section 5), and so do IPv4-compatible ones, as inet_ntop has it. */
function isEmbeddedIpv4(a: number, b: number, c: number, d: number): boolean {
  if (a !== 0 || b !== 0) return false;
  return c === 0xffff || (c === 0 && d >>> 16 !== 0);
}

/** The first of the longest runs of zero groups (RFC 5952 section 4.2.3): its start and length. */
function longestZeroRun(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  for (const [i, group] of groups.entries()) {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best[1]) best = [start, i + 1 - start];
  }
  return best;
}

function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}

function hexByte(byte: number): string {
  return (byte < 16 ? '0' : '') + byte.toString(16);
}
