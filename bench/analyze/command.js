// `pkttap analyze` on a tap that replays at top speed, as a user types it: a process for the tap, a process with one or more
// workers for the analyzer, events into a file. The clock runs from the tap's first packet until the analyzer's process
// has ended, so that the records of all flows, its summary and its exit are in it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nowNs, toSeconds } from '../support/clock.js';
import { Worker } from '../support/worker.js';
import { peakMemory } from './process.js';
import { VARIABLES } from './rules.js';

const PKTTAP = fileURLToPath(new URL('../../bin/pkttap.js', import.meta.url));

/**
 * @typedef {object} CommandRun
 * @property {number} startSeconds until it takes packets
 * @property {number} startBytes of memory, at most, until then
 * @property {number} seconds for all packets
 * @property {number} packets
 * @property {number} alerts
 */

/**
 * @param {string} directory
 * @param {{ capture: string, rules: string | undefined, workers?: number }} options names of files in it
 * @returns {Promise<CommandRun>}
 */
export async function runCommand(directory, { capture, rules, workers = 1 }) {
  const events = join(directory, 'eve.json');
  const tap = new Worker('tap');
  try {
    await tap.call('open', { path: join(directory, capture), directory });
    const words = ['analyze', join(directory, 'bench.sock'), '-w', events, '-q', '--workers', String(workers)];
    const began = performance.now();
    const child = spawn(process.execPath, [PKTTAP, ...words, ...ruleWords(directory, rules)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const exit = once(child, 'exit').then(() => nowNs());
    await tap.call('wait', { consumers: workers });
    const startSeconds = (performance.now() - began) / 1000;
    const startBytes = peakMemory(child.pid);
    const { startNs } = await tap.call('run', { consumers: workers });
    const seconds = toSeconds((await exit) - startNs);
    return { startSeconds, startBytes, seconds, ...findings(events) };
  } finally {
    tap.close();
    rmSync(events, { force: true });
  }
}

/** @param {string} directory @param {string | undefined} rules */
function ruleWords(directory, rules) {
  if (rules === undefined) return [];
  return [
    '-S',
    join(directory, rules),
    ...Object.entries(VARIABLES).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
  ];
}

/** What the last event, the statistics, says. @param {string} path */
function findings(path) {
  const last = readFileSync(path, 'latin1').trimEnd().split('\n').at(-1) ?? '';
  const { stats } = JSON.parse(last);
  return { packets: stats.decoder.pkts, alerts: stats.detect?.alert ?? 0 };
}
