// SHA-1 (RFC 3174) of one short message, for Community IDs: a call into OpenSSL takes longer, and makes a string.

/** Words of a message's block, of what is worked out of them, and of the hash. */
export const BLOCK_WORDS = 16;
export const SCHEDULE_WORDS = 80;
export const DIGEST_WORDS = 5;

/**
 * The digest of a message of `length` bytes, 55 at most. The message stands, as big-endian words, at the beginning of
 * `schedule`, with 0x80 behind it and zeros up to word 16; the words from 15 on are overwritten.
 */
export function sha1(schedule: Int32Array, length: number, digest: Int32Array): void {
  schedule[BLOCK_WORDS - 1] = length * 8;
  for (let i = BLOCK_WORDS; i < SCHEDULE_WORDS; i++) {
    const word = schedule[i - 3]! ^ schedule[i - 8]! ^ schedule[i - 14]! ^ schedule[i - 16]!;
    schedule[i] = (word << 1) | (word >>> 31);
  }
  mix(schedule, digest);
}

/** Four stages of twenty rounds, one after another: one loop that asks which stage it is in takes three times as long. */
function mix(schedule: Int32Array, digest: Int32Array): void {
  let a = 0x67452301;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476;
  let e = 0xc3d2e1f0 | 0;
  for (let i = 0; i < 20; i++) {
    const next = (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + e + 0x5a827999 + schedule[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 20; i < 40; i++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0x6ed9eba1 + schedule[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 40; i < 60; i++) {
    const next = (((a << 5) | (a >>> 27)) + ((b & c) | (b & d) | (c & d)) + e + 0x8f1bbcdc + schedule[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 60; i < 80; i++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0xca62c1d6 + schedule[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  digest[0] = a + 0x67452301;
  digest[1] = b + 0xefcdab89;
  digest[2] = c + 0x98badcfe;
  digest[3] = d + 0x10325476;
  digest[4] = e + 0xc3d2e1f0;
}
