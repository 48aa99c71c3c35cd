// The analyzer without a tap beside it: all packets lie in the ring before the clock starts, so that one core does nothing
// but analyze them. The first run warms up.

import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { attach, ReplaySource, Tap } from 'pkttap';
import { Analyzer, DEFAULT_SETTINGS, joinRuleSets, parseRules } from '../../dist/bundle/analyzer.js';
import { cpuSeconds } from '../support/clock.js';
import { serve } from '../support/serve.js';

// As `pkttap analyze -S` does.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

serve({
  /** Analyzes the whole file; seconds without those for the flows that go on at its end. */
  async run({ path, directory, ringBytes, rules, variables }) {
    const tap = Tap.open({
      name: 'alone',
      source: new ReplaySource([path], { pace: { kind: 'topspeed' } }),
      directory,
      ringBytes,
    });
    const consumer = await attach('alone', { directory });
    tap.start();
    await tap.ended;
    const found = await analyze(consumer, loaded(rules, variables));
    consumer.close();
    await tap.close();
    return found;
  },
});

/** @param {string | undefined} path @param {Record<string, string>} variables */
function loaded(path, variables) {
  if (path === undefined) return undefined;
  return joinRuleSets([parseRules(readFileSync(path, 'utf8'), path, { ...DEFAULT_SETTINGS, variables })]).rules;
}

/**
 * @param {import('pkttap').Consumer} consumer
 * @param {readonly import('../../dist/analyzer/index.js').Rule[] | undefined} rules
 */
async function analyze(consumer, rules) {
  let bytes = 0;
  const onEvents = (/** @type {Uint8Array} */ lines) => {
    bytes += lines.length;
  };
  const analyzer = new Analyzer({ onEvents, ...(rules !== undefined && { inspection: { rules } }) });
  const began = performance.now();
  const cpuBefore = cpuSeconds();
  for await (const batch of consumer) analyzer.addBatch(batch);
  const seconds = (performance.now() - began) / 1000;
  const cpu = cpuSeconds() - cpuBefore;
  const { packets } = analyzer.summary();
  analyzer.finish();
  return { seconds, cpuSeconds: cpu, packets, bytes };
}
