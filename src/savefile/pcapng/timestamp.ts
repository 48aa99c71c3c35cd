// Seconds and nanoseconds as the two 32-bit words of one 64-bit count of nanoseconds, without a bigint per packet.

const NS_PER_SECOND = 1_000_000_000;
const WORD = 4_294_967_296;

/** The low 32 bits of sec * 10^9 + nsec. Exact: the product is taken modulo 2^32. */
export function lowWord(sec: number, nsec: number): number {
  return (Math.imul(sec, NS_PER_SECOND) + nsec) >>> 0;
}

/**
 * The high 32 bits of sec * 10^9 + nsec, whose low word is `low`. Exact although the product needs more than a double's
 * 53 bits: the difference is a multiple of 2^32, and below 2^64 rounding moves it by a few thousand at most.
 */
export function highWord(sec: number, nsec: number, low: number): number {
  return Math.round((sec * NS_PER_SECOND + (nsec - low)) / WORD);
}
