// npm run bench -- analyze: the analyzer beside single-threaded Suricata, on the same captures, without rules and with the
// same thousand; and how long both take to start with up to 30,000 rules.
//
//   node bench/run.js analyze [--rounds N] [--json]      default: 3 rounds, text
//
// Two minutes, 400 MB in the temporary folder. Without Suricata its columns stay empty, and standard error says so.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCapture } from './analyze/captures.js';
import { runCommand } from './analyze/command.js';
import { formatAnalyze } from './analyze/report.js';
import { makeRules, VARIABLES } from './analyze/rules.js';
import { configure, ROOT, runSuricata, whyNoSuricata } from './analyze/suricata.js';
import { describeMachine } from './support/machine.js';
import { median } from './support/sample.js';
import { Worker } from './support/worker.js';

const PACKETS = { imix: 500_000, dns: 200_000, web: 200_000 };
/** A file of rules each; Suricata gets the one without any, too. */
const RULES = { none: 0, thousand: 1000, many: 30_000 };
/** Room for each capture as a whole. */
const ALONE_RING_BYTES = 1 << 28;

/**
 * @typedef {object} Cell
 * @property {string} capture
 * @property {number} rules
 * @property {number} packets
 * @property {Record<string, number>} packetsPerSecond by peer; median
 * @property {Record<string, number>} alerts by peer
 *
 * @typedef {object} Start
 * @property {number} rules
 * @property {Record<string, { seconds: number, bytes: number }>} peers
 *
 * @typedef {object} AnalyzeReport
 * @property {ReturnType<typeof describeMachine>} machine
 * @property {number} rounds
 * @property {Cell[]} cells
 * @property {Start[]} starts
 */

const missing = whyNoSuricata();
if (missing !== undefined) process.stderr.write(`bench: analyze: Suricata SKIPPED: ${missing}\n`);
await main();

async function main() {
  const { rounds, json } = readArguments();
  const directory = mkdtempSync(join(missing === undefined ? join(ROOT, 'tmp') : tmpdir(), 'pkttap-bench-'));
  try {
    const report = await measureAll({ rounds, directory });
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : formatAnalyze(report));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function readArguments() {
  const options = /** @type {const} */ ({
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  });
  const { values } = parseArgs({ args: process.argv.slice(3), options });
  return { rounds: Number(values.rounds), json: values.json };
}

/** @param {{ rounds: number, directory: string }} options @returns {Promise<AnalyzeReport>} */
async function measureAll({ rounds, directory }) {
  const machine = describeMachine();
  for (const [name, count] of Object.entries(RULES)) writeFileSync(join(directory, name), makeRules(count));
  if (missing === undefined) configure(directory);
  const cells = [];
  for (const [kind, packets] of Object.entries(PACKETS)) {
    say(`${kind}: generating ${packets} packets`);
    makeCapture(join(directory, kind), { kind, packets });
    for (const rules of ['none', 'thousand'])
      cells.push(await measureCell({ directory, rounds, capture: kind, rules }));
  }
  const starts = [];
  for (const rules of Object.keys(RULES)) starts.push(await measureStart({ directory, rounds, rules }));
  return { machine, rounds, cells, starts };
}

/**
 * @param {{ directory: string, rounds: number, capture: string, rules: keyof typeof RULES }} options
 * @returns {Promise<Cell>}
 */
async function measureCell({ directory, rounds, capture, rules }) {
  const packets = PACKETS[capture];
  const file = RULES[rules] === 0 ? undefined : rules;
  const alone = new Worker('analyze-alone');
  const runAlone = () =>
    alone.call('run', {
      path: join(directory, capture),
      directory,
      ringBytes: ALONE_RING_BYTES,
      rules: file && join(directory, file),
      variables: VARIABLES,
    });
  const peers = {
    alone: runAlone,
    worker: () => runCommand(directory, { capture, rules: file }),
    workers: () => runCommand(directory, { capture, rules: file, workers: 2 }),
    ...(missing === undefined && { suricata: () => runSuricata(directory, { capture, rules }) }),
  };
  const seconds = Object.fromEntries(Object.keys(peers).map((name) => [name, /** @type {number[]} */ ([])]));
  const alerts = {};
  await runAlone();
  for (let round = 1; round <= rounds; round++) {
    say(`${capture}, ${RULES[rules]} rules: round ${round} of ${rounds}`);
    for (const [name, run] of Object.entries(peers)) {
      const found = await run();
      if (found.packets !== packets) throw new Error(`${name} saw other packets: ${found.packets} of ${packets}`);
      seconds[name].push(found.seconds);
      if (found.alerts !== undefined) alerts[name] = found.alerts;
    }
  }
  alone.close();
  const rates = Object.entries(seconds).map(([name, all]) => [name, packets / median(all)]);
  return { capture, rules: RULES[rules], packets, packetsPerSecond: Object.fromEntries(rates), alerts };
}

/** @param {{ directory: string, rounds: number, rules: keyof typeof RULES }} options @returns {Promise<Start>} */
async function measureStart({ directory, rounds, rules }) {
  say(`start with ${RULES[rules]} rules`);
  const capture = 'one';
  rmSync(join(directory, capture), { force: true });
  makeCapture(join(directory, capture), { kind: 'dns', packets: 1 });
  const peers = {
    pkttap: () => runCommand(directory, { capture, rules: RULES[rules] === 0 ? undefined : rules }),
    ...(missing === undefined && { suricata: () => runSuricata(directory, { capture, rules }) }),
  };
  const entries = [];
  for (const [name, run] of Object.entries(peers)) {
    const runs = [];
    for (let round = 1; round <= rounds; round++) runs.push(await run());
    const seconds = median(runs.map(({ startSeconds }) => startSeconds));
    entries.push([name, { seconds, bytes: median(runs.map(({ startBytes }) => startBytes)) }]);
  }
  return { rules: RULES[rules], peers: Object.fromEntries(entries) };
}

/** @param {string} what */
function say(what) {
  process.stderr.write(`bench: analyze: ${what}\n`);
}
