// What a captor loses, and what a packet costs it: so many packets at a rate, to each in turn, in rounds.

import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../support/sample.js';

/** Long enough for the kernel to hand over the last block, and for consumers to read it. */
const SETTLE_MS = 500;

/**
 * @typedef {object} Load of one captor; medians
 * @property {string} name
 * @property {string} how
 * @property {number} lostShare of the packets that arrived
 * @property {number} cpuPerMillion CPU seconds of all its processes for a million packets that it has
 * @property {number} ratio of its CPU seconds to those of the first
 */

/**
 * @param {import('./captors.js').CaptorKind[]} kinds
 * @param {{ cable: import('./cable.js').Cable, directory: string, rounds: number, packets: number, pps?: number }} options
 */
export async function measureLoad(kinds, { cable, directory, rounds, packets, pps }) {
  const rates = [];
  const samples = kinds.map(() => /** @type {{ lostShare: number, cpuPerMillion: number }[]} */ ([]));
  for (let round = 0; round < rounds; round++) {
    for (const [i, kind] of kinds.entries()) {
      const captor = await kind.open(cable, directory);
      await delay(SETTLE_MS);
      const [arrivedBefore, cpuBefore] = [cable.arrived(), captor.cpuSeconds()];
      const startMs = performance.now();
      await cable.send(packets, pps);
      rates.push((packets / (performance.now() - startMs)) * 1000);
      await delay(SETTLE_MS);
      const cpu = captor.cpuSeconds() - cpuBefore;
      const arrived = cable.arrived() - arrivedBefore;
      const has = (await captor.stop()).packets;
      samples[i].push({ lostShare: (arrived - has) / arrived, cpuPerMillion: (cpu / has) * 1e6 });
    }
  }
  const cpus = samples.map((some) => median(some.map(({ cpuPerMillion }) => cpuPerMillion)));
  const loads = kinds.map(({ name, how }, i) => ({
    name,
    how,
    lostShare: median(samples[i].map(({ lostShare }) => lostShare)),
    cpuPerMillion: cpus[i],
    ratio: cpus[i] / cpus[0],
  }));
  return { packetsPerSecond: median(rates), loads };
}
