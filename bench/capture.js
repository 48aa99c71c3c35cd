// Live capture beside its peers, on a cable of the bench's own: what is lost at the highest rate that a sender here reaches,
// what a packet costs, how long it takes to its consumer, and what a consumer that stands still does to the tap: nothing.
//
//   npm run bench -- capture [--rounds N] [--packets N] [--stop-seconds N] [--json]      default: 3, 2,000,000, 10
//
// As root, with trafgen, tcpdump and dumpcap; 2 minutes. All peers see the same packets at the same end of the cable, one
// peer after the other, in rounds.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCable, whyNoCable } from './capture/cable.js';
import { ALONE, WITH_CONSUMER } from './capture/captors.js';
import { measureLatency } from './capture/latency.js';
import { measureLoad } from './capture/load.js';
import { formatCapture } from './capture/report.js';
import { measureStopped } from './capture/stopped.js';
import { describeMachine } from './support/machine.js';

const reason = whyNoCable();
if (reason === undefined) await main();
else process.stderr.write(`bench: capture SKIPPED: ${reason}\n`);

async function main() {
  const { rounds, packets, stopSeconds, json } = readArguments();
  const directory = mkdtempSync(join(tmpdir(), 'pkttap-capture-'));
  const cable = makeCable(directory);
  try {
    const report = await measureAll({ cable, directory, rounds, packets, stopSeconds });
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : formatCapture(report));
  } finally {
    cable.close();
    rmSync(directory, { recursive: true });
  }
}

/**
 * @typedef {object} CaptureReport
 * @property {ReturnType<typeof describeMachine>} machine
 * @property {number} rounds
 * @property {number} packets
 * @property {Awaited<ReturnType<typeof measureLoad>>} alone
 * @property {Awaited<ReturnType<typeof measureLoad>>} withConsumer
 * @property {Awaited<ReturnType<typeof measureLatency>>} latency
 * @property {Awaited<ReturnType<typeof measureStopped>>} stopped
 */

/**
 * @param {{ cable: import('./capture/cable.js').Cable, directory: string, rounds: number, packets: number, stopSeconds: number }} options
 * @returns {Promise<CaptureReport>}
 */
async function measureAll({ stopSeconds, ...common }) {
  const machine = describeMachine();
  say('alone, at the highest rate');
  const alone = await measureLoad(ALONE, common);
  const pps = alone.packetsPerSecond / 2;
  say('with a consumer, at half that rate');
  const withConsumer = await measureLoad(WITH_CONSUMER, { ...common, pps });
  say('latency');
  const latency = await measureLatency(common);
  say('a consumer that stands still');
  const stopped = await measureStopped({ ...common, pps, seconds: stopSeconds });
  const { rounds, packets } = common;
  return { machine, rounds, packets, alone, withConsumer, latency, stopped };
}

function readArguments() {
  const { values } = parseArgs({
    // `node bench/run.js capture` ends up here, too.
    args: process.argv.slice(2).filter((word) => word !== 'capture'),
    options: {
      rounds: { type: 'string', default: '3' },
      packets: { type: 'string', default: '2000000' },
      'stop-seconds': { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
    },
  });
  const [rounds, packets, stopSeconds] = [values.rounds, values.packets, values['stop-seconds']].map(Number);
  return { rounds, packets, stopSeconds, json: values.json };
}

/** @param {string} what */
function say(what) {
  process.stderr.write(`bench: capture: ${what}\n`);
}
