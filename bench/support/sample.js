// What one timed run of a peer gave, and the check that it did all of the work.

/**
 * @typedef {object} Sample
 * @property {number} seconds from the first packet's way in until the last consumer was done with the last packet
 * @property {number} cpuSeconds of all processes of the peer together
 * @property {{ packets: number, sum: number, missed?: number }[]} results of each consumer that decoded
 */

/**
 * Throws if a consumer has not decoded exactly the file's packets.
 *
 * @param {string} peer
 * @param {Sample} sample
 * @param {import('../generate.js').Savefile} savefile
 */
export function checkWork(peer, { results }, savefile) {
  for (const { packets, sum, missed = 0 } of results) {
    if (packets !== savefile.packets || sum !== savefile.sum || missed !== 0) {
      const expected = `expected packets=${savefile.packets} sum=${savefile.sum}`;
      throw new Error(`${peer} decoded something else: packets=${packets} sum=${sum} missed=${missed}; ${expected}`);
    }
  }
}

/** @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * @param {readonly number[]} values at least one
 * @param {number} share 0 to 1
 */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
