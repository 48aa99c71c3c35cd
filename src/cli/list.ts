// pkttap list: the taps that run.

import type { Command } from 'commander';
import { listTaps } from '../consumer/observe.js';
import { print } from './output.js';
import { table } from './text.js';

export function configure(command: Command): void {
  command
    .description('List the taps that run on this machine, as far as this user may see them.')
    .option('--json', 'as a JSON array, with all statistics')
    .addHelpText('after', '\nExamples:\n  pkttap list\n  pkttap list --json | jq -r .[].tap')
    .action(run);
}

async function run({ json }: { json?: true }): Promise<void> {
  const taps = await listTaps();
  if (json) {
    await print(`${JSON.stringify(taps)}\n`);
    return;
  }
  if (taps.length === 0) {
    process.stderr.write('no tap runs\n');
    return;
  }
  const rows = taps.map(({ tap, pid, state, published, consumers, source }) => {
    return [tap, pid, state, published, consumers.length, source];
  });
  await print(`${table([['TAP', 'PID', 'STATE', 'PUBLISHED', 'CONSUMERS', 'SOURCE'], ...rows])}\n`);
}
