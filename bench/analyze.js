// npm run bench -- analyze: the analyzer beside single-threaded Suricata, on the same captures, without rules and with the
// same thousand; and how long both take to start with up to 30,000 rules.
//
//   node bench/run.js analyze [imix] [dns] [web] [--rounds N] [--json]      default: all, 3 rounds, text
//
// Six minutes, 800 MB in the temporary folder. Without Suricata its columns stay empty, and standard error says so.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCapture } from './analyze/captures.js';
import { measureCell } from './analyze/cell.js';
import { runCommand } from './analyze/command.js';
import { formatAnalyze } from './analyze/report.js';
import { makeRules } from './analyze/rules.js';
import { configure, ROOT, runSuricata, whyNoSuricata } from './analyze/suricata.js';
import { describeMachine } from './support/machine.js';

/** @type {Record<string, number>} */
const PACKETS = { imix: 2_000_000, dns: 400_000, web: 600_000 };
/** A file of rules each; Suricata gets the one without any, too. */
const RULES = { none: 0, thousand: 1000, many: 30_000 };

/**
 * @typedef {object} Start
 * @property {number} rules
 * @property {Record<string, { seconds: number, bytes: number }>} peers
 *
 * @typedef {object} AnalyzeReport
 * @property {ReturnType<typeof describeMachine>} machine
 * @property {number} rounds
 * @property {import('./analyze/cell.js').Cell[]} cells
 * @property {Start[]} starts
 */

const missing = whyNoSuricata();
if (missing !== undefined) process.stderr.write(`bench: analyze: Suricata SKIPPED: ${missing}\n`);
await main();

async function main() {
  const { kinds, rounds, json } = readArguments();
  const directory = mkdtempSync(join(missing === undefined ? join(ROOT, 'tmp') : tmpdir(), 'pkttap-bench-'));
  try {
    const report = await measureAll({ kinds, rounds, directory });
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
  const { values, positionals } = parseArgs({ args: process.argv.slice(3), options, allowPositionals: true });
  const all = Object.keys(PACKETS);
  const rounds = Number(values.rounds);
  if (!positionals.every((kind) => all.includes(kind)) || !Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`usage: node bench/run.js analyze [${all.join('] [')}] [--rounds N] [--json]`);
  }
  return { kinds: positionals.length === 0 ? all : positionals, rounds, json: values.json };
}

/** @param {{ kinds: string[], rounds: number, directory: string }} options @returns {Promise<AnalyzeReport>} */
async function measureAll({ kinds, rounds, directory }) {
  const machine = describeMachine();
  for (const [name, count] of Object.entries(RULES)) writeFileSync(join(directory, name), makeRules(count));
  if (missing === undefined) configure(directory);
  const cells = [];
  for (const kind of kinds) {
    const packets = PACKETS[kind];
    say(`${kind}: generating ${packets} packets`);
    makeCapture(join(directory, kind), { kind, packets });
    for (const rules of /** @type {const} */ (['none', 'thousand'])) {
      const common = { directory, rounds, hasSuricata: missing === undefined };
      cells.push(await measureCell({ ...common, capture: kind, packets, rules, count: RULES[rules] }));
    }
    rmSync(join(directory, kind));
  }
  const starts = [];
  for (const rules of /** @type {(keyof typeof RULES)[]} */ (Object.keys(RULES)))
    starts.push(await measureStart({ directory, rules }));
  return { machine, rounds, cells, starts };
}

/** Once each: thirty thousand rules take half a minute. @param {{ directory: string, rules: keyof typeof RULES }} options @returns {Promise<Start>} */
async function measureStart({ directory, rules }) {
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
    const { startSeconds: seconds, startBytes: bytes } = await run();
    entries.push([name, { seconds, bytes }]);
  }
  return { rules: RULES[rules], peers: Object.fromEntries(entries) };
}

/** @param {string} what */
function say(what) {
  process.stderr.write(`bench: analyze: ${what}\n`);
}
