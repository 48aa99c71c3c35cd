// Walks a message's MessagePack before it is decoded: every length lies inside the message, nothing is nested too deep, and
// there is no kind of value that we don't send. What passes can be decoded without taking more memory than it has earned.
// Source: the MessagePack specification (github.com/msgpack/msgpack), and msgpackr's extensions for JavaScript's types.

import { ProtocolError } from '../errors.js';

/** Type of our extension: 8 bytes, kind and index of an attachment. */
export const ATTACHMENT_EXTENSION = 0x50;

/** msgpackr's extensions that stand before one more value: Set, Error, RegExp. */
const TAGS = [0x73, 0x65, 0x78];

/** Those that are bytes: undefined, BigInt, typed array, timestamp; and ours. */
const VALUES = [0x00, 0x42, 0x74, 0xff, ATTACHMENT_EXTENSION];

/** By first byte from 0xc0: the bytes of the length field behind it (below 0) or of the value (from 0). */
const SIZES = new Int8Array([
  // nil, never used, false, true, bin 8/16/32, ext 8/16/32
  0, 99, 0, 0, -1, -2, -4, -1, -2, -4,
  // float 32/64, uint 8/16/32/64, int 8/16/32/64
  4, 8, 1, 2, 4, 8, 1, 2, 4, 8,
  // fixext 1/2/4/8/16, str 8/16/32
  1, 2, 4, 8, 16, -1, -2, -4,
]);

/** Bytes that are walked. A position past `end` is noticed at the next value. */
interface Walk {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
}

/** Throws ProtocolError unless `bytes` from `start` to `end` is exactly one value as we send them. */
export function checkMessage(bytes: Uint8Array, start: number, end: number, maxDepth: number): void {
  const walk: Walk = { bytes, end, at: start };
  // How many values are still to come, per level.
  const left = [1];
  while (left.length > 0) {
    const depth = left.length - 1;
    if (left[depth] === 0) {
      left.pop();
      continue;
    }
    left[depth]!--;
    const inside = passValue(walk);
    // Each takes a byte at least: attack: an array of 2^32 things in five bytes.
    if (inside > end - walk.at) refuse('a length that goes beyond the message');
    if (inside === 0) continue;
    if (left.length > maxDepth) refuse(`nested deeper than ${maxDepth}`);
    left.push(inside);
  }
  if (walk.at !== end) refuse(`${end - walk.at} bytes behind its end`);
}

/** Passes one value, without what is inside of it; returns how many values that is. */
function passValue(walk: Walk): number {
  if (walk.at >= walk.end) refuse('it ends in the middle');
  const first = walk.bytes[walk.at++]!;
  if (first < 0x80 || first >= 0xe0) return 0;
  if (first < 0x90) return (first & 0x0f) * 2;
  if (first < 0xa0) return first & 0x0f;
  if (first < 0xc0) return skip(walk, first & 0x1f);
  if (first >= 0xdc) return lengthOf(walk, (first & 1) === 0 ? 2 : 4) * (first >= 0xde ? 2 : 1);
  const size = SIZES[first - 0xc0]!;
  if (first === 0xc1) refuse('a byte that means nothing');
  if ((first >= 0xc7 && first <= 0xc9) || (first >= 0xd4 && first <= 0xd8))
    return passExtension(walk, size < 0 ? lengthOf(walk, -size) : size);
  return skip(walk, size < 0 ? lengthOf(walk, -size) : size);
}

function passExtension(walk: Walk, length: number): number {
  const type = walk.bytes[walk.at] ?? 0;
  walk.at++;
  skip(walk, length);
  if (TAGS.includes(type) && length === 1) return 1;
  if (!VALUES.includes(type)) refuse(`an extension of an unknown type: ${type}`);
  return 0;
}

function skip(walk: Walk, bytes: number): 0 {
  if (bytes > walk.end - walk.at) refuse('a length that goes beyond the message');
  walk.at += bytes;
  return 0;
}

/** A big-endian length of 1, 2 or 4 bytes. */
function lengthOf(walk: Walk, size: number): number {
  if (size > walk.end - walk.at) refuse('it ends in the middle');
  let length = 0;
  for (let i = 0; i < size; i++) length = length * 256 + walk.bytes[walk.at++]!;
  return length;
}

function refuse(what: string): never {
  throw new ProtocolError('ERR_TAP_PROTOCOL', `bad message: ${what}`);
}
