// Domain names in a message (RFC 1035, sections 3.1 and 4.1.4): labels, and pointers to where the name goes on. A name has
// at most MAX_LABELS of either, so that a message can't ask for more than a multiple of its own length.

const MAX_LABELS = 255;
const MAX_LABEL_BYTES = 63;
/** From here on a byte is the first of a pointer, not a label's length. */
const POINTER = 0xc0;
const DOT = 0x2e;

/** No name: it does not end, or not before the message does. */
export const BROKEN = -1;

/** The most bytes that a name has as text. */
export const MAX_NAME_BYTES = (MAX_LABELS + 1) * (MAX_LABEL_BYTES + 1);

/** Where a message lies: pointers count from its beginning. */
export interface MessagePlace {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Where what follows the name at `at` begins, or BROKEN. */
export function nameEnd({ bytes, start, end }: MessagePlace, at: number): number {
  let behind = BROKEN;
  let labels = 0;
  let jumps = 0;
  while (labels <= MAX_LABELS && jumps <= MAX_LABELS) {
    if (at >= end) return BROKEN;
    const label = bytes[at]!;
    if (label === 0) return jumps === 0 ? at + 1 : behind;
    if (label <= MAX_LABEL_BYTES) {
      at += 1 + label;
      if (at > end) return BROKEN;
      labels++;
    } else {
      if (label < POINTER || at + 1 >= end) return BROKEN;
      if (jumps === 0) behind = at + 2;
      at = start + (((label & 0x3f) << 8) | bytes[at + 1]!);
      jumps++;
    }
  }
  return BROKEN;
}

/** Where a name begins that is nothing but a pointer; any other begins where it is. */
export function pointedAt({ bytes, start }: MessagePlace, at: number): number {
  return bytes[at]! < POINTER ? at : start + (((bytes[at]! & 0x3f) << 8) | bytes[at + 1]!);
}

/** Puts the labels of a name that {@link nameEnd} knows into `room`, with dots between them; how many bytes that was. */
export function gatherName({ bytes, start }: MessagePlace, at: number, room: Uint8Array): number {
  let length = 0;
  for (let label = bytes[at]!; label !== 0; label = bytes[at]!) {
    if (label > MAX_LABEL_BYTES) {
      at = start + (((label & 0x3f) << 8) | bytes[at + 1]!);
      continue;
    }
    for (let i = at + 1; i <= at + label; i++) room[length++] = bytes[i]!;
    room[length++] = DOT;
    at += 1 + label;
  }
  return Math.max(0, length - 1);
}
