// Makes the savefiles that are measured: classic pcap, the same bytes in every run, many conversations in both
// directions. The expected sum over all 5-tuples comes from what was meant to be written, not from reading it back.

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { FILE_HEADER_BYTES, fileHeader, RECORD_HEADER_BYTES, writeRecordHeader } from './support/classic-pcap.js';
import { fold, TCP, UDP } from './support/five-tuple.js';
import { makeFrame } from './support/frame.js';
import { makeRandom } from './support/random.js';

const CONVERSATIONS = 2048;
const FIRST_SECOND = 1_700_000_000;
const PACKETS_PER_SECOND = 1_000_000;
const WRITE_BYTES = 4 << 20;

/** Frame sizes of each kind of traffic, each as often as it stands here. */
const SIZES = {
  // The "simple IMIX" 7:4:1, with the largest as Ethernet has it without its FCS: 361.5 bytes on average.
  imix: [64, 64, 64, 64, 64, 64, 64, 594, 594, 594, 594, 1514],
  '64B': [64],
  '512B': [512],
};

/** @typedef {keyof typeof SIZES} Kind */

/** The kinds of savefile that can be made. */
export const KINDS = /** @type {Kind[]} */ (Object.keys(SIZES));

/**
 * @typedef {object} Savefile
 * @property {string} path
 * @property {Kind} kind
 * @property {number} packets
 * @property {number} bytes of all packets together, without the file's own headers
 * @property {number} sum that {@link fold} gives over all packets
 */

/**
 * Writes the file and waits until it is on the disk, so that writing back doesn't run beside the first measurements. It
 * stays in the page cache.
 *
 * @param {string} path
 * @param {{ kind: Kind, packets: number }} options
 * @returns {Savefile}
 */
export function generate(path, { kind, packets }) {
  const random = makeRandom(361);
  const flows = makeFlows(random);
  const sizes = SIZES[kind];
  const frames = flows.map((flow) => new Map([...new Set(sizes)].map((size) => [size, makeFrame(flow, size)])));
  const file = openSync(path, 'wx');
  const buffer = Buffer.alloc(WRITE_BYTES);
  let used = fileHeader().copy(buffer);
  let bytes = 0;
  let sum = 0;
  for (let i = 0; i < packets; i++) {
    const chosen = random(flows.length);
    const caplen = sizes[random(sizes.length)];
    if (used + RECORD_HEADER_BYTES + caplen > buffer.length) {
      writeSync(file, buffer, 0, used);
      used = 0;
    }
    const seconds = FIRST_SECOND + Math.floor(i / PACKETS_PER_SECOND);
    writeRecordHeader(buffer, used, { seconds, fraction: i % PACKETS_PER_SECOND, caplen });
    frames[chosen].get(caplen)?.copy(buffer, used + RECORD_HEADER_BYTES);
    used += RECORD_HEADER_BYTES + caplen;
    bytes += caplen;
    const { source, destination, sourcePort, destinationPort, protocol } = flows[chosen];
    sum = fold(sum, source, destination, sourcePort, destinationPort, protocol);
  }
  writeSync(file, buffer, 0, used);
  fsyncSync(file);
  closeSync(file);
  return { path, kind, packets, bytes, sum };
}

/** @param {Savefile} savefile bytes of the whole file */
export function fileBytes({ packets, bytes }) {
  return FILE_HEADER_BYTES + packets * RECORD_HEADER_BYTES + bytes;
}

/**
 * Each conversation in both directions. Addresses are private ones and those set aside for benchmarks (RFC 2544).
 *
 * @param {(below: number) => number} random
 * @returns {import('./support/frame.js').Flow[]}
 */
function makeFlows(random) {
  const there = Array.from({ length: CONVERSATIONS }, () => ({
    source: 0x0a000000 + random(1 << 24),
    destination: 0xc6120000 + random(1 << 17),
    sourcePort: 1024 + random(64_512),
    destinationPort: [80, 443, 5001, 8080][random(4)],
    protocol: random(4) === 0 ? UDP : TCP,
  }));
  const back = there.map(({ source, destination, sourcePort, destinationPort, protocol }) => ({
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
    protocol,
  }));
  return [...there, ...back];
}
