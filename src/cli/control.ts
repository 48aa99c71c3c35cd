// pkttap control: pauses, resumes and steps a replay from elsewhere.

import { type Command, InvalidArgumentError } from 'commander';
import { controlTap } from '../consumer/control.js';
import type { ControlAction } from '../control/messages.js';
import { UsageError } from './failure.js';
import { parseCount } from './options.js';
import { print } from './output.js';
import { counted } from './text.js';

const EXAMPLES = `
Only root and the user who started the tap may control it. What is captured live
can't be paused.

Examples:
  pkttap control replay pause
  pkttap control replay step 10     ten more packets, then stand still
  pkttap control replay resume      go on at the pace it had`;

export function configure(command: Command): void {
  command
    .description('Pause, resume or step a replay that runs.')
    .argument('<tap>', "the tap's name, or the path of its socket")
    .argument('<action>', 'pause, resume or step', parseAction)
    .argument('[n]', 'step: how many packets (default: 1)', parseSteps)
    .addHelpText('after', EXAMPLES)
    .action(run);
}

function parseAction(text: string): ControlAction {
  if (text === 'pause' || text === 'resume' || text === 'step') return text;
  throw new InvalidArgumentError('pause, resume or step is expected.');
}

function parseSteps(text: string): number {
  const packets = parseCount(text);
  if (packets > 0) return packets;
  throw new InvalidArgumentError('a whole number from 1 is expected.');
}

async function run(tap: string, action: ControlAction, packets: number | undefined): Promise<void> {
  if (packets !== undefined && action !== 'step') throw new UsageError(`${action} takes no number`);
  const stats = await controlTap(tap, { action, ...(packets !== undefined && { packets }) });
  await print(`tap ${stats.tap}: ${stats.state}, ${counted(stats.published, 'packet')} published\n`);
}
