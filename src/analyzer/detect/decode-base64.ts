// Base64 as rules look into it (RFC 4648): decoded up to the first character that is not of the alphabet. What follows
// padding is decoded as well, and a group that is cut short gives what it has, as Suricata has it.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PADDING = 0x3d;
const GROUP = 4;

/** By character; -1: not of the alphabet. */
const VALUES = new Int8Array(256).fill(-1);
for (const [value, char] of [...ALPHABET].entries()) VALUES[char.charCodeAt(0)] = value;
VALUES[PADDING] = 0;

/** What the text begins with, decoded. */
export function decodeBase64(text: Uint8Array): Uint8Array {
  const end = text.findIndex((char) => VALUES[char]! < 0);
  const chars = end < 0 ? text : text.subarray(0, end);
  const decoded = new Uint8Array(Math.ceil((chars.length * 3) / GROUP));
  let length = 0;
  for (let at = 0; at < chars.length; at += GROUP) {
    const group = chars.subarray(at, at + GROUP);
    const [a = 0, b = 0, c = 0, d = 0] = [...group].map((char) => VALUES[char]!);
    decoded.set([(a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d].slice(0, sizeOf(group)), length);
    length += sizeOf(group);
  }
  return decoded.subarray(0, length);
}

/** Padding makes a whole group shorter; one that is cut short has a byte less than characters. */
function sizeOf(group: Uint8Array): number {
  if (group.length < GROUP) return group.length - 1;
  return GROUP - 1 - Math.min(group.filter((char) => char === PADDING).length, GROUP - 2);
}
