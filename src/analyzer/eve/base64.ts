// Base64 (RFC 4648) of a hash of five words, straight into bytes.

const ALPHABET = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PADDING = 0x3d;

/** Room that it needs. */
export const DIGEST_BASE64_BYTES = 28;

/** Writes 20 bytes, given as five big-endian words from `start` on; where they end. */
export function putDigest(view: DataView, at: number, words: Int32Array, start: number): number {
  const a = words[start]!;
  const b = words[start + 1]!;
  const c = words[start + 2]!;
  const d = words[start + 3]!;
  const e = words[start + 4]!;
  // Four characters for every 24 bits, which lie across the words.
  put24(view, at, a >>> 8);
  put24(view, at + 4, (a << 16) | (b >>> 16));
  put24(view, at + 8, (b << 8) | (c >>> 24));
  put24(view, at + 12, c);
  put24(view, at + 16, d >>> 8);
  put24(view, at + 20, (d << 16) | (e >>> 16));
  put24(view, at + 24, e << 8);
  view.setUint8(at + DIGEST_BASE64_BYTES - 1, PADDING);
  return at + DIGEST_BASE64_BYTES;
}

function put24(view: DataView, at: number, bits: number): void {
  const low = ALPHABET[(bits >>> 18) & 63]! | (ALPHABET[(bits >>> 12) & 63]! << 8);
  view.setInt32(at, low | (ALPHABET[(bits >>> 6) & 63]! << 16) | (ALPHABET[bits & 63]! << 24), true);
}
