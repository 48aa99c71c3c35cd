// pkttap doctor: what this machine lacks for each command, and the line that mends it; and what privileges this process and
// the taps that run hold. Exit code 1 if anything is lacking.

import type { Command } from 'commander';
import { type Diagnosis, diagnose } from './doctor-check.js';
import { installationChecks } from './doctor-installation.js';
import { machineChecks } from './doctor-machine.js';
import { privilegeChecks } from './doctor-privilege.js';
import { EXIT_ERROR } from './failure.js';
import { print } from './output.js';
import { table } from './text.js';

const EXAMPLES = `
Looks as the user who runs it: try it with sudo for what root lacks. The exit
status is 1 if anything is lacking.

Examples:
  pkttap doctor
  pkttap doctor --json | jq -r '.[] | select(.ok | not) | .remedy'`;

export function configure(command: Command): void {
  command
    .description('Tell what this machine lacks for each command, and what taps may do.')
    .option('--json', 'as a JSON array')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run({ json }: { json?: true }): Promise<void> {
  const diagnoses = [...machineChecks, ...installationChecks, ...(await privilegeChecks())].map(diagnose);
  await print(json ? `${JSON.stringify(diagnoses)}\n` : `${report(diagnoses)}\n`);
  if (diagnoses.some(({ ok }) => !ok)) process.exitCode = EXIT_ERROR;
}

/** The table, then the remedies, each on a line that can be copied. */
function report(diagnoses: readonly Diagnosis[]): string {
  const rows = diagnoses.map(({ ok, subject, commands, found }) => {
    return [ok ? 'ok' : 'lacks', subject, commands.join(', '), found];
  });
  const lacking = diagnoses.filter(({ ok }) => !ok);
  const remedies = lacking.map(({ subject, remedy }) => `\n${subject}:\n  ${remedy}`);
  return [table([['', 'WHAT', 'FOR', 'FOUND'], ...rows]), ...remedies].join('\n');
}
