// IP addresses as text, straight into bytes: what ipv4Text and ipv6Text say.

import { putAscii, putSmall } from './digits.js';

/** Room that an address needs at most, with what is written behind it. */
export const ADDRESS_BYTES = 48;

const DOT = 0x2e;
const COLON = 0x3a;
const HEX = new TextEncoder().encode('0123456789abcdef');

/** An IPv4 address given as one 32-bit number; where it ends. */
export function putIpv4(view: DataView, at: number, address: number): number {
  const first = putSmall(view, at, address >>> 24);
  view.setUint8(first, DOT);
  const second = putSmall(view, first + 1, (address >>> 16) & 255);
  view.setUint8(second, DOT);
  const third = putSmall(view, second + 1, (address >>> 8) & 255);
  view.setUint8(third, DOT);
  return putSmall(view, third + 1, address & 255);
}

const GROUPS = 8;
const groups = new Uint16Array(GROUPS);

/** An IPv6 address given as four 32-bit numbers, most significant first; where it ends. The form is that of RFC 5952. */
export function putIpv6(view: DataView, at: number, a: number, b: number, c: number, d: number): number {
  if (a === 0 && b === 0 && (c === 0xffff || (c === 0 && d >>> 16 !== 0)))
    return putIpv4(view, putAscii(view, at, c === 0 ? '::' : '::ffff:'), d);
  fillGroups(0, a);
  fillGroups(2, b);
  fillGroups(4, c);
  fillGroups(6, d);
  return putGroups(view, at, longestZeroRun());
}

function fillGroups(at: number, word: number): void {
  groups[at] = word >>> 16;
  groups[at + 1] = word;
}

/** The first of the longest runs of two zero groups or more: where it starts, and in the bits from 4 on its length; 0: none. */
function longestZeroRun(): number {
  let [start, best, bestStart] = [0, 1, 0];
  for (let i = 0; i < GROUPS; i++) {
    if (groups[i] !== 0) start = i + 1;
    else if (i + 1 - start > best) {
      best = i + 1 - start;
      bestStart = start;
    }
  }
  return best === 1 ? 0 : bestStart | (best << 4);
}

function putGroups(view: DataView, at: number, run: number): number {
  const [start, end] = [run & 15, (run & 15) + (run >>> 4)];
  let next = at;
  for (let i = 0; i < GROUPS; i++) {
    if (i >= start && i < end) continue;
    if (i > 0) view.setUint8(next++, COLON);
    if (i > 0 && i === end && run > 0) view.setUint8(next++, COLON);
    next = putHex(view, next, groups[i]!);
  }
  return run > 0 && end === GROUPS ? putAscii(view, next, '::') : next;
}

/** A number of 16 bits without zeros in front. */
function putHex(view: DataView, at: number, value: number): number {
  let next = at;
  if (value > 0xfff) view.setUint8(next++, HEX[value >>> 12]!);
  if (value > 0xff) view.setUint8(next++, HEX[(value >>> 8) & 15]!);
  if (value > 0xf) view.setUint8(next++, HEX[(value >>> 4) & 15]!);
  view.setUint8(next++, HEX[value & 15]!);
  return next;
}
