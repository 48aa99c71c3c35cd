// Fan-out: the same replay to several consumers at once, each of which decodes every packet; and to several that are attached
// and read nothing. All of them share the cores.

import { open } from '../peers/pkttap.js';
import { toSeconds } from '../support/clock.js';
import { checkWork, median } from '../support/sample.js';
import { Worker } from '../support/worker.js';

const CONSUMERS = [1, 2, 4, 8];
const IDLE = [0, 1, 2, 4, 8];

/** A file is published so often in a round: once would be too short a time. */
const IDLE_LOOPS = 10;

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

/**
 * How fast a tap publishes while so many consumers are attached and sleep. The rounds are interleaved, each number of
 * consumers once per round, so that what else the machine does falls on all alike.
 *
 * @param {import('../generate.js').Savefile} savefile
 * @param {{ directory: string, rounds: number }} options
 */
export async function measureIdle(savefile, { directory, rounds }) {
  const tap = new Worker('tap');
  const sleepers = Array.from({ length: Math.max(...IDLE) }, () => new Worker('consumer'));
  /** @type {number[][]} */
  const seconds = IDLE.map(() => []);
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const [i, consumers] of IDLE.entries()) {
        const taken = await runIdle(savefile, { directory, tap, sleepers: sleepers.slice(0, consumers) });
        if (round > 0) seconds[i].push(taken);
      }
    }
  } finally {
    for (const worker of [tap, ...sleepers]) worker.close();
  }
  const rate = (/** @type {number[]} */ all) => (IDLE_LOOPS * savefile.packets) / median(all);
  return IDLE.map((consumers, i) => {
    return { consumers, packetsPerSecond: rate(seconds[i]), cost: 1 - rate(seconds[i]) / rate(seconds[0]) };
  });
}

/**
 * @param {import('../generate.js').Savefile} savefile
 * @param {{ directory: string, tap: Worker, sleepers: Worker[] }} options
 */
async function runIdle({ path }, { directory, tap, sleepers }) {
  await tap.call('open', { path, directory, loops: IDLE_LOOPS });
  // A tap doesn't wait for lossy ones.
  await Promise.all(sleepers.map((sleeper) => sleeper.call('attach', { directory, policy: 'lossy' })));
  const { startNs, endNs } = await tap.call('run', { consumers: sleepers.length });
  await Promise.all(sleepers.map((sleeper) => sleeper.call('detach')));
  await tap.call('close');
  return toSeconds(endNs - startNs);
}
