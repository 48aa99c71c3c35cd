// Timestamps are nanoseconds since the Unix epoch in 64 bits. A bigint holds one exactly but allocates; seconds and
// nanoseconds as two numbers are exact too and don't. Both halves of the 64 bits come in as unsigned 32-bit numbers.
//
// A double divides 64 bits to within a second at worst. What is left over from that estimate, computed modulo 2^32, is
// exact and small, and says by its range whether the estimate was right: much cheaper than a long division.

const NS_PER_SECOND = 1_000_000_000;
const TWO_TO_32 = 4_294_967_296;

/**
 * The second that was asked for last, as most packets are of the same one: its number, the upper half of the timestamp, and the
 * lower half at which it begins, below 0 where that is in the upper half before.
 */
const known = new Float64Array([0, -1, 0]);

/** Whole seconds of the timestamp `high * 2^32 + low` (ns). Exact over all 64 bits. */
export function secondsOf(high: number, low: number): number {
  if (!isKnown(high, low)) learn(high, low);
  return known[0]!;
}

/** Nanoseconds within the second (0 to 999,999,999) of the timestamp `high * 2^32 + low` (ns). Exact. */
export function nanosecondsOf(high: number, low: number): number {
  if (!isKnown(high, low)) learn(high, low);
  return low - known[2]!;
}

function isKnown(high: number, low: number): boolean {
  const rest = low - known[2]!;
  return high === known[1] && rest >= 0 && rest < NS_PER_SECOND;
}

function learn(high: number, low: number): void {
  const estimate = Math.floor((high * TWO_TO_32 + low) / NS_PER_SECOND);
  const rest = restOf(estimate, low);
  const isOff = rest < 0 || rest >= NS_PER_SECOND;
  const seconds = isOff ? estimate + Math.sign(rest) : estimate;
  known[0] = seconds;
  known[1] = high;
  known[2] = low - restOf(seconds, low);
}

/** Nanoseconds beyond that many seconds: between -10^9 and 2 * 10^9, as the estimate is off by one at most. */
function restOf(seconds: number, low: number): number {
  return (low - Math.imul(seconds, NS_PER_SECOND)) | 0;
}
