// The checksum of an IPv4 header (RFC 1071).

/** The ones' complement sum of 16-bit words: 0xffff over a header whose checksum is right. `header`: an even length. */
export function onesComplementSum(header: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at + 1 < header.length; at += 2) sum += header[at]! * 256 + header[at + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}
