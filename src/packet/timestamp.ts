// Timestamps are nanoseconds since the Unix epoch in 64 bits. A bigint holds one exactly but allocates; seconds and
// nanoseconds as two numbers are exact too and don't. Both halves of the 64 bits come in as unsigned 32-bit numbers.

const NS_PER_SECOND = 1_000_000_000;

/** Whole seconds of the timestamp `high * 2^32 + low` (ns). Exact over all 64 bits. */
export function secondsOf(high: number, low: number): number {
  const top = high % NS_PER_SECOND;
  const middle = top * 65_536 + (low >>> 16);
  const bottom = (middle % NS_PER_SECOND) * 65_536 + (low & 0xffff);
  return (
    Math.floor(high / NS_PER_SECOND) * 4_294_967_296 +
    Math.floor(middle / NS_PER_SECOND) * 65_536 +
    Math.floor(bottom / NS_PER_SECOND)
  );
}

/** Nanoseconds within the second (0 to 999,999,999) of the timestamp `high * 2^32 + low` (ns). Exact. */
export function nanosecondsOf(high: number, low: number): number {
  const middle = (high % NS_PER_SECOND) * 65_536 + (low >>> 16);
  return ((middle % NS_PER_SECOND) * 65_536 + (low & 0xffff)) % NS_PER_SECOND;
}
