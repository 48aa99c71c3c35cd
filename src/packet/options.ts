// What a packet has beside its bytes: comments, as options laid out like those of a pcapng Enhanced Packet Block (code, length,
// value padded to 4; little-endian), so that they go from savefile to ring to savefile byte for byte. Hardly a packet has
// any, so this may allocate. The memory may be a hostile tap's, or overwritten meanwhile: nothing in it is believed.

import { MAX_OPTIONS } from './record.js';

const OPT_COMMENT = 1;
const HEADER_BYTES = 4;
const LONGEST_BYTES = 0xffff;

const text = new TextDecoder();

/** As much of `options` as is whole options. */
export function wholeOptions(options: Uint8Array): Uint8Array {
  let end = 0;
  for (const { next } of walk(options)) end = next;
  return options.subarray(0, end);
}

/** The comments among them, in order. */
export function commentsOf(options: Uint8Array): string[] {
  const comments: string[] = [];
  for (const { code, at, length } of walk(options)) {
    // The decoder refuses shared memory that could change under it: it gets a copy.
    if (code === OPT_COMMENT) comments.push(text.decode(options.slice(at, at + length)));
  }
  return comments;
}

/** Options with these comments. Throws RangeError for a comment of more than 65,535 bytes, or 131,072 bytes in all. */
export function commentOptions(comments: readonly string[]): Uint8Array {
  const options = Buffer.concat(comments.map(commentOption));
  if (options.length > MAX_OPTIONS) throw new RangeError(`comments are too long: bytes=${options.length}`);
  return options;
}

function commentOption(comment: string): Uint8Array {
  const value = new TextEncoder().encode(comment);
  if (value.length > LONGEST_BYTES) throw new RangeError(`comment is too long: bytes=${value.length}`);
  const option = new Uint8Array(HEADER_BYTES + padded(value.length));
  const view = new DataView(option.buffer);
  view.setUint16(0, OPT_COMMENT, true);
  view.setUint16(2, value.length, true);
  option.set(value, HEADER_BYTES);
  return option;
}

/** Each option that fits: where its value is, how long, and where the next one begins. */
function* walk(options: Uint8Array): Generator<{ code: number; at: number; length: number; next: number }> {
  const view = new DataView(options.buffer, options.byteOffset, options.byteLength);
  let at = 0;
  while (at + HEADER_BYTES <= options.length) {
    const code = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    const next = at + HEADER_BYTES + padded(length);
    if (code === 0 || next > options.length) return;
    yield { code, at: at + HEADER_BYTES, length, next };
    at = next;
  }
}

function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}
