// npm run bench: pkttap beside its peers, in interleaved rounds after a warm-up, and what it does with several consumers and
// with sleeping ones.
//
//   node bench/run.js [imix] [64B] [512B] [--rounds N] [--json]   default: the first two, 5 rounds, text
//   node bench/run.js analyze ...                             the analyzer beside Suricata: see analyze.js
//   node bench/run.js capture ...                             live capture instead: see capture.js
//   node bench/run.js channel|packet-ipc ...                  channels, packets of one's own: see channel.js, packet-ipc.js
//
// Every peer's processes are started once and kept, so that starts and just-in-time compilation are in no round; tcpdump,
// which can't be kept, has its start subtracted. Standard output gets the report, standard error the progress.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureFanOut, measureIdle } from './extras/fan-out.js';
import { measureLatency } from './extras/latency.js';
import { measureReading } from './extras/reading.js';
import { generate, KINDS } from './generate.js';
import * as pcapParser from './peers/pcap-parser.js';
import * as pkttap from './peers/pkttap.js';
import * as socketMsgpackr from './peers/socket-msgpackr.js';
import * as tcpdump from './peers/tcpdump.js';
import { formatReport } from './report.js';
import { describeMachine } from './support/machine.js';
import { checkWork, median } from './support/sample.js';

const PACKETS = 1_000_000;
const DEFAULT_ROUNDS = 5;
const DEFAULT_KINDS = /** @type {const} */ (['imix', '64B']);
const PEERS = [pkttap, tcpdump, pcapParser, socketMsgpackr];

/**
 * @typedef {object} PeerReport
 * @property {string} name
 * @property {string} how
 * @property {number} packetsPerSecond median
 * @property {number} slowest packets per second
 * @property {number} fastest packets per second
 * @property {number} cpuPerMillion CPU seconds of all the peer's processes for a million packets
 * @property {number} ratio of pkttap's median to this one
 *
 * @typedef {object} FileReport
 * @property {string} kind
 * @property {number} packets
 * @property {number} bytes
 * @property {PeerReport[]} peers
 * @property {Awaited<ReturnType<typeof measureFanOut>>} fanOut
 * @property {Awaited<ReturnType<typeof measureIdle>>} idle
 *
 * @typedef {object} Report
 * @property {ReturnType<typeof describeMachine>} machine
 * @property {number} rounds
 * @property {FileReport[]} files
 * @property {Awaited<ReturnType<typeof measureReading>>} reading
 * @property {Awaited<ReturnType<typeof measureLatency>>} latency
 */

if (process.argv[2] === 'analyze') await import('./analyze.js');
else if (process.argv[2] === 'capture') await import('./capture.js');
else if (process.argv[2] === 'channel') await import('./channel.js');
else if (process.argv[2] === 'packet-ipc') await import('./packet-ipc.js');
else await main();

async function main() {
  const { kinds, rounds, json } = readArguments();
  const directory = mkdtempSync(join(tmpdir(), 'pkttap-bench-'));
  try {
    const report = await measureAll({ kinds, rounds, directory });
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function readArguments() {
  const options = /** @type {const} */ ({ rounds: { type: 'string' }, json: { type: 'boolean' } });
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const unknown = positionals.filter((name) => !KINDS.some((kind) => kind === name));
  const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
  if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`usage: node bench/run.js [${KINDS.join('] [')}] [--rounds N] [--json]`);
  }
  const kinds = positionals.length === 0 ? DEFAULT_KINDS : KINDS.filter((kind) => positionals.includes(kind));
  return { kinds, rounds, json: values.json ?? false };
}

/**
 * @param {{ kinds: readonly import('./generate.js').Kind[], rounds: number, directory: string }} options
 * @returns {Promise<Report>}
 */
async function measureAll({ kinds, rounds, directory }) {
  const machine = describeMachine();
  const files = [];
  for (const kind of kinds) {
    say(`${kind}: generating ${PACKETS} packets`);
    const savefile = generate(join(directory, `${kind}.pcap`), { kind, packets: PACKETS });
    readBack(savefile.path);
    const peers = await measurePeers(savefile, { rounds, directory });
    say(`${kind}: fan-out`);
    const fanOut = await measureFanOut(savefile, { directory, rounds });
    const idle = await measureIdle(savefile, { directory, rounds });
    files.push({ kind, packets: savefile.packets, bytes: savefile.bytes, peers, fanOut, idle });
    rmSync(savefile.path);
  }
  say('reading');
  const reading = await measureReading({ directory, rounds });
  say('latency');
  const latency = await measureLatency({ directory });
  return { machine, rounds, files, reading, latency };
}

/** @param {import('./generate.js').Savefile} savefile @param {{ rounds: number, directory: string }} options */
async function measurePeers(savefile, { rounds, directory }) {
  /** @type {import('./support/sample.js').Sample[][]} */
  const samples = PEERS.map(() => []);
  const opened = await Promise.all(PEERS.map((peer) => peer.open({ directory })));
  try {
    for (let round = 0; round <= rounds; round++) {
      say(`${savefile.kind}: ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}`);
      for (const [i, peer] of opened.entries()) {
        const sample = await peer.run(savefile);
        checkWork(PEERS[i].name, sample, savefile);
        if (round > 0) samples[i].push(sample);
      }
    }
  } finally {
    for (const peer of opened) peer.close();
  }
  return PEERS.map((peer, i) => summarize(peer, { savefile, samples: samples[i], best: samples[0] }));
}

/**
 * @param {{ name: string, how: string }} peer
 * @param {{ savefile: import('./generate.js').Savefile, samples: import('./support/sample.js').Sample[], best: import('./support/sample.js').Sample[] }} measured
 * @returns {PeerReport}
 */
function summarize({ name, how }, { savefile, samples, best }) {
  const seconds = samples.map((sample) => sample.seconds);
  const middle = median(seconds);
  return {
    name,
    how,
    packetsPerSecond: savefile.packets / middle,
    slowest: savefile.packets / Math.max(...seconds),
    fastest: savefile.packets / Math.min(...seconds),
    cpuPerMillion: (median(samples.map((sample) => sample.cpuSeconds)) / savefile.packets) * 1e6,
    ratio: middle / median(best.map((sample) => sample.seconds)),
  };
}

/**
 * Drops the file from the page cache and reads it again. Pages that were written lie in memory piece by piece, pages that
 * were read lie in long runs, as those of a capture that is replayed do; reading the former is a third slower for everybody.
 *
 * @param {string} path
 */
function readBack(path) {
  execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
  execFileSync('dd', [`if=${path}`, 'of=/dev/null', 'bs=1M', 'status=none']);
}

/** @param {string} what */
function say(what) {
  process.stderr.write(`bench: ${what}\n`);
}
