// A capture that goes on and on: minutes at about half of what a sender here reaches, with a consumer that decodes and one
// that comes and goes. Every so often the tap's memory and descriptors are looked at; in the end all counters must be exact.
//
//   node bench/soak.js [--minutes N] [--pps N]      default: 10 minutes, 700,000; as root, with trafgen

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { attach, tapStats } from 'pkttap';
import { makeCable, whyNoCable } from './capture/cable.js';
import { startTapAndConsumer } from './capture/captors.js';
import { cpuSecondsOf, numberIn } from './capture/process.js';

const LOOKS = 10;
const SETTLE_MS = 1000;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, pps: { type: 'string', default: '700000' } },
});
const [minutes, pps] = [Number(values.minutes), Number(values.pps)];
const reason = whyNoCable();
if (reason === undefined) await main();
else process.stderr.write(`bench: soak SKIPPED: ${reason}\n`);

async function main() {
  const directory = mkdtempSync(join(tmpdir(), 'pkttap-soak-'));
  const cable = makeCable(directory);
  try {
    await soak(cable, directory);
  } finally {
    cable.close();
    rmSync(directory, { recursive: true });
  }
}

/** @param {import('./capture/cable.js').Cable} cable @param {string} directory */
async function soak(cable, directory) {
  const { tap, consumer } = await startTapAndConsumer(cable, { directory, reader: 'decode-tap' });
  console.log('minutes     arrived   published  tap KiB  consumer KiB  descriptors  CPU s/Mpkt');
  for (let part = 0; part < LOOKS; part++) {
    const cpuBefore = cpuSecondsOf([tap.pid]);
    const packets = Math.round((pps * minutes * 60) / LOOKS);
    await cable.send(packets, pps);
    await visit(directory);
    const cost = ((cpuSecondsOf([tap.pid]) - cpuBefore) / packets) * 1e6;
    const { published } = await tapStats('bench', { directory });
    const cells = [
      (((part + 1) * minutes) / LOOKS).toFixed(1),
      cable.arrived(),
      published,
      ...memory(tap.pid, consumer.pid),
    ];
    const widths = [7, 12, 12, 9, 14];
    const left = cells.map((cell, i) => String(cell).padStart(widths[i])).join('');
    console.log(`${left}${String(descriptors(tap.pid)).padStart(13)}${cost.toFixed(3).padStart(12)}`);
  }
  await delay(SETTLE_MS);
  const { received, published, kernelDropped } = await tapStats('bench', { directory });
  await tap.end('SIGINT');
  const text = await consumer.end();
  const [decoded, missed] = [numberIn(text, /(\d+) packets decoded/), numberIn(text, /(\d+) missed/)];
  const arrived = cable.arrived();
  console.log({ arrived, received, kernelDropped, published, decoded, missed });
  const isExact =
    arrived === received + (kernelDropped ?? 0) && received === published && published === decoded + missed;
  console.log(isExact ? 'exact' : 'NOT EXACT');
  if (!isExact) process.exitCode = 1;
}

/** A consumer that comes and goes again. @param {string} directory */
async function visit(directory) {
  const visitor = await attach('bench', { directory, start: 'oldest' });
  await visitor.receivePackets(1);
  visitor.close();
}

/** KiB that a process has for itself; what it shares aside. @param {number[]} pids */
function memory(...pids) {
  return pids.map((pid) => numberIn(readFileSync(`/proc/${pid}/status`, 'utf8'), /RssAnon:\s+(\d+)/));
}

/** @param {number} pid */
function descriptors(pid) {
  return readdirSync(`/proc/${pid}/fd`).length;
}
