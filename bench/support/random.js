// Random numbers that are the same in every run, so that every run measures the same file.

/**
 * Marsaglia's xorshift32. Returns a function that gives a whole number from 0 to `below` - 1.
 *
 * @param {number} seed not 0
 */
export function makeRandom(seed) {
  let state = seed | 0;
  return (/** @type {number} */ below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
