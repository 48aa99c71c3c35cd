// How fast savefiles are read, by whom: the same packets as classic pcap and as pcapng, for every reader that knows the
// format. Nothing is decoded and nobody is handed the packets.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '../generate.js';
import { timeCommand, timeStart } from '../support/command-time.js';
import { writePcapng } from '../support/pcapng.js';
import { median } from '../support/sample.js';
import { Worker } from '../support/worker.js';

/** Fewer than elsewhere: one of the readers takes seconds for them. */
const PACKETS = 200_000;

const COMMANDS = { tcpdump: 'tcpdump -r "$1" -w /dev/null', capinfos: 'capinfos -c "$1"' };
const FORMATS = /** @type {const} */ (['pcap', 'pcapng']);
const READERS = {
  pcap: ['pkttap', 'tcpdump', 'capinfos', 'pcap-parser'],
  pcapng: ['pkttap', 'tcpdump', 'capinfos', 'pcap-ng-parser'],
};

/**
 * @typedef {object} ReadingReport
 * @property {string} format
 * @property {string} reader
 * @property {number} packetsPerSecond median
 * @property {number} ratio of pkttap's median to this one
 */

/**
 * @param {{ directory: string, rounds: number }} options
 * @returns {Promise<ReadingReport[]>}
 */
export async function measureReading({ directory, rounds }) {
  const worker = new Worker('read-file');
  const reports = [];
  try {
    for (const format of FORMATS) reports.push(...(await measureFormat(format, { directory, rounds, worker })));
  } finally {
    worker.close();
  }
  return reports;
}

/** @param {typeof FORMATS[number]} format @param {{ directory: string, rounds: number, worker: Worker }} options */
async function measureFormat(format, { directory, rounds, worker }) {
  const [path, empty] = makeFiles(format, directory);
  const readers = await Promise.all(READERS[format].map((reader) => openReader(reader, { empty, worker })));
  const seconds = readers.map(() => /** @type {number[]} */ ([]));
  for (let round = 0; round <= rounds; round++) {
    for (const [i, read] of readers.entries()) {
      const took = await read(path);
      if (round > 0) seconds[i].push(took);
    }
  }
  for (const each of [path, empty]) rmSync(each);
  const best = median(seconds[0]);
  return READERS[format].map((reader, i) => {
    const middle = median(seconds[i]);
    return { format, reader, packetsPerSecond: PACKETS / middle, ratio: middle / best };
  });
}

/** @param {string} reader @param {{ empty: string, worker: Worker }} options */
async function openReader(reader, { empty, worker }) {
  const command = COMMANDS[/** @type {keyof typeof COMMANDS} */ (reader)];
  if (command === undefined) return (/** @type {string} */ path) => readInWorker(worker, reader, path);
  const start = await timeStart(command, empty);
  return async (/** @type {string} */ path) => (await timeCommand(command, path)).seconds - start.seconds;
}

/** @param {Worker} worker @param {string} reader @param {string} path */
async function readInWorker(worker, reader, path) {
  const { packets, seconds } = await worker.call(reader, { path, packets: PACKETS });
  if (packets !== PACKETS) throw new Error(`${reader} read something else: packets=${packets} expected=${PACKETS}`);
  return seconds;
}

/** The packets, and a file of the same format with one alone: tcpdump takes no pcapng without. @param {string} format @param {string} directory */
function makeFiles(format, directory) {
  const [full, empty] = ['reading', 'nothing'].map((name) => join(directory, `${name}.pcap`));
  generate(full, { kind: 'imix', packets: PACKETS });
  generate(empty, { kind: 'imix', packets: 1 });
  if (format === 'pcap') return [full, empty];
  return [full, empty].map((path) => {
    writePcapng(path, `${path}ng`);
    rmSync(path);
    return `${path}ng`;
  });
}
