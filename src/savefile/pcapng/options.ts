// The option lists that end a block's body: code, length, value padded to 32 bits, and an end mark; little-endian.
// Source: draft-ietf-opsawg-pcapng, section 3.5. An empty list takes no bytes at all, its end mark included.

import { padded } from './block.js';

const OPT_COMMENT = 1;
/** An option's length is 16 bits; a longer text is cut here. */
const MAX_VALUE_BYTES = 0xffff;

export interface Option {
  readonly code: number;
  readonly value: Uint8Array;
}

/** UTF-8 text; nothing for text that isn't known. */
export function textOption(code: number, text: string | undefined): Option[] {
  return text === undefined ? [] : [{ code, value: Buffer.from(text, 'utf8').subarray(0, MAX_VALUE_BYTES) }];
}

/** Comments, which any block may have, and several of them. */
export function commentOptions(comments: readonly string[] = []): Option[] {
  return comments.flatMap((comment) => textOption(OPT_COMMENT, comment));
}

/** An unsigned 64-bit count; nothing for one that isn't known. */
export function countOption(code: number, count: number | bigint | undefined): Option[] {
  if (count === undefined) return [];
  const value = new Uint8Array(8);
  new DataView(value.buffer).setBigUint64(0, BigInt(count), true);
  return [{ code, value }];
}

/** A timestamp in nanoseconds, its high word first as pcapng has it; nothing for one that isn't known. */
export function timeOption(code: number, ns: bigint | undefined): Option[] {
  return ns === undefined ? [] : [{ code, value: timeWords(ns) }];
}

/** The 8 bytes of a timestamp: the high 32 bits, then the low 32 bits. */
export function timeWords(ns: bigint): Uint8Array {
  const value = new Uint8Array(8);
  const view = new DataView(value.buffer);
  view.setUint32(0, Number(BigInt.asUintN(32, ns >> 32n)), true);
  view.setUint32(4, Number(BigInt.asUintN(32, ns)), true);
  return value;
}

/** The bytes of an option list. */
export function encodeOptions(options: readonly Option[]): Uint8Array {
  if (options.length === 0) return new Uint8Array(0);
  const size = options.reduce((sum, { value }) => sum + 4 + padded(value.length), 4);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { code, value } of options) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  return bytes;
}
