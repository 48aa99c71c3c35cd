// Timestamps are nanoseconds since the Unix epoch in 64 bits. A bigint holds one exactly but allocates; seconds and
// nanoseconds as two numbers are exact too and don't. Both halves of the 64 bits come in as unsigned 32-bit numbers.
//
// A double divides 64 bits to within a second at worst. What is left over from that estimate, computed modulo 2^32, is
// exact and small, and says by its range whether the estimate was right: much cheaper than a long division.

const NS_PER_SECOND = 1_000_000_000;
const TWO_TO_32 = 4_294_967_296;

/** Whole seconds of the timestamp `high * 2^32 + low` (ns). Exact over all 64 bits. */
export function secondsOf(high: number, low: number): number {
  const estimate = estimatedSeconds(high, low);
  const rest = restOf(estimate, low);
  if (rest < 0) return estimate - 1;
  return rest >= NS_PER_SECOND ? estimate + 1 : estimate;
}

/** Nanoseconds within the second (0 to 999,999,999) of the timestamp `high * 2^32 + low` (ns). Exact. */
export function nanosecondsOf(high: number, low: number): number {
  const rest = restOf(estimatedSeconds(high, low), low);
  if (rest < 0) return rest + NS_PER_SECOND;
  return rest >= NS_PER_SECOND ? rest - NS_PER_SECOND : rest;
}

function estimatedSeconds(high: number, low: number): number {
  return Math.floor((high * TWO_TO_32 + low) / NS_PER_SECOND);
}

/** Nanoseconds beyond that many seconds: between -10^9 and 2 * 10^9, as the estimate is off by one at most. */
function restOf(seconds: number, low: number): number {
  return (low - Math.imul(seconds, NS_PER_SECOND)) | 0;
}
