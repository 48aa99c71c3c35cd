// The native reader, compiled with the address and undefined-behaviour sanitizers, over spoilt savefiles. The files are the
// project's own and the corpus's; which copies are made of them depends on the seed alone.

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../support/run.js';

const SCRIPT = join(import.meta.dirname, '../../scripts/fuzz-native');
const NO_SANITIZERS = 3;
/** Compiling takes most of it. */
const WATCHDOG_MS = 300_000;

it('reads spoilt savefiles without touching what it must not', { timeout: WATCHDOG_MS }, async ({ skip }) => {
  const { status, stdout, stderr } = await run('bash', [SCRIPT, '60000', '20261121']);
  if (status === NO_SANITIZERS) {
    console.warn(`SKIPPED: the savefile reader under sanitizers: ${stderr}`);
    skip('no sanitizers');
  }
  expect(status, stderr).toBe(0);
  expect(stdout.toString()).toMatch(/ 60000 spoilt copies, [1-9]\d* packets/);
});
