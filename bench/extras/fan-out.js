// Fan-out: the same replay to several consumers at once, each of which decodes every packet. All of them share the cores.

import { open } from '../peers/pkttap.js';
import { checkWork, median } from '../support/sample.js';

const CONSUMERS = [1, 2, 4];

/**
 * @param {import('../generate.js').Savefile} savefile
 * @param {{ directory: string, rounds: number }} options
 */
export async function measureFanOut(savefile, { directory, rounds }) {
  const results = [];
  for (const consumers of CONSUMERS) {
    const samples = await runRounds(savefile, { directory, rounds, consumers });
    const packetsPerSecond = savefile.packets / median(samples.map(({ seconds }) => seconds));
    const cpuPerMillion = (median(samples.map(({ cpuSeconds }) => cpuSeconds)) / savefile.packets) * 1e6;
    results.push({ consumers, packetsPerSecond, deliveredPerSecond: packetsPerSecond * consumers, cpuPerMillion });
  }
  return results;
}

/**
 * After a round that warms up.
 *
 * @param {import('../generate.js').Savefile} savefile
 * @param {{ directory: string, rounds: number, consumers: number }} options
 */
async function runRounds(savefile, { directory, rounds, consumers }) {
  const peer = open({ directory, consumers });
  const samples = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      const sample = await peer.run(savefile);
      checkWork(`fan-out to ${consumers}`, sample, savefile);
      samples.push(sample);
    }
  } finally {
    peer.close();
  }
  return samples.slice(1);
}
