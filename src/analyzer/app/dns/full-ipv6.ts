// IPv6 addresses as Suricata writes them in answers: in full, eight groups of four digits, as a JSON string.

import { Fragment } from '../../eve/fragment.js';

const text = new Fragment('"0000:0000:0000:0000:0000:0000:0000:0000"');
const view = new DataView(text.words.buffer);

/** By byte: its two digits, the first in the low half. */
const DIGITS = Uint16Array.from({ length: 256 }, (_, byte) => digit(byte >> 4) | (digit(byte & 15) << 8));

function digit(value: number): number {
  return value.toString(16).charCodeAt(0);
}

/** The 16 bytes at `at`; valid until the next call. */
export function fullIpv6(bytes: Uint8Array, at: number): Fragment {
  // Each group has four digits and a colon or the last quote.
  for (let group = 0; group < 8; group++) {
    view.setUint16(1 + 5 * group, DIGITS[bytes[at + 2 * group]!]!, true);
    view.setUint16(3 + 5 * group, DIGITS[bytes[at + 2 * group + 1]!]!, true);
  }
  return text;
}
