// One cell of the table: a capture and a file of rules, looked at by each peer once a round, one after the other.

import { join } from 'node:path';
import { median } from '../support/sample.js';
import { Worker } from '../support/worker.js';
import { runCommand } from './command.js';
import { VARIABLES } from './rules.js';
import { runSuricata } from './suricata.js';

/** Room for a capture as a whole. */
const ALONE_RING_BYTES = 1 << 30;

/**
 * @typedef {object} CellOptions
 * @property {string} directory
 * @property {number} rounds
 * @property {string} capture name of a file in the directory
 * @property {number} packets in it
 * @property {string} rules name of a file in the directory; Suricata needs one even if it is empty
 * @property {number} count of rules in it
 * @property {boolean} hasSuricata
 *
 * @typedef {object} Run
 * @property {number} seconds
 * @property {number} [cpuSeconds]
 * @property {number} packets
 * @property {number} [alerts]
 *
 * @typedef {object} Cell
 * @property {string} capture
 * @property {number} rules
 * @property {Record<string, number>} packetsPerSecond by peer; median
 * @property {Record<string, number>} cpuPerPacket seconds of all threads, by those peers that tell; median
 * @property {Record<string, number>} alerts by those peers that tell
 */

/** @param {CellOptions} options @returns {Promise<Cell>} */
export async function measureCell(options) {
  const alone = new Worker('analyze-alone');
  try {
    const peers = peersOf(alone, options);
    // Warms up the process that goes on.
    await peers.alone();
    return cellOf(await runAll(peers, options), options);
  } finally {
    alone.close();
  }
}

/** @param {Worker} alone @param {CellOptions} options @returns {Record<string, () => Promise<Run>>} */
function peersOf(alone, { directory, capture, rules, count, hasSuricata }) {
  const file = count === 0 ? undefined : rules;
  const path = join(directory, capture);
  const ruleOptions = { rules: file && join(directory, file), variables: VARIABLES };
  return {
    alone: () => alone.call('run', { path, directory, ringBytes: ALONE_RING_BYTES, ...ruleOptions }),
    worker: () => runCommand(directory, { capture, rules: file }),
    workers: () => runCommand(directory, { capture, rules: file, workers: 2 }),
    ...(hasSuricata && { suricata: () => runSuricata(directory, { capture, rules }) }),
  };
}

/**
 * Throws if a peer has not seen exactly the capture's packets.
 *
 * @param {Record<string, () => Promise<Run>>} peers
 * @param {CellOptions} options
 */
async function runAll(peers, { capture, packets, count, rounds }) {
  /** @type {Record<string, Run[]>} */
  const runs = Object.fromEntries(Object.keys(peers).map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`bench: analyze: ${capture}, ${count} rules: round ${round} of ${rounds}\n`);
    for (const [name, run] of Object.entries(peers)) {
      const found = await run();
      if (found.packets !== packets) throw new Error(`${name} saw other packets: ${found.packets} of ${packets}`);
      runs[name].push(found);
    }
  }
  return runs;
}

/** @param {Record<string, Run[]>} runs @param {CellOptions} options @returns {Cell} */
function cellOf(runs, { capture, packets, count }) {
  return {
    capture,
    rules: count,
    packetsPerSecond: byPeer(runs, (run) => packets / run.seconds),
    cpuPerPacket: byPeer(runs, ({ cpuSeconds }) => cpuSeconds && cpuSeconds / packets),
    alerts: byPeer(runs, ({ alerts }) => alerts),
  };
}

/**
 * The median over the rounds, of those peers that tell.
 *
 * @param {Record<string, Run[]>} runs
 * @param {(run: Run) => number | undefined} value
 */
function byPeer(runs, value) {
  const told = Object.entries(runs).map(
    ([name, all]) => /** @type {const} */ ([name, all.map(value).filter((one) => one !== undefined)]),
  );
  return Object.fromEntries(
    told.filter(([, values]) => values.length > 0).map(([name, values]) => [name, median(values)]),
  );
}
