// pkttap control: pauses, resumes and steps a replay from elsewhere, and exchanges the filter of a capture.

import { type Command, InvalidArgumentError } from 'commander';
import { type ControlCommand, controlTap } from '../consumer/control.js';
import { CONTROL_ACTIONS, type ControlAction } from '../control/messages.js';
import { UsageError } from './failure.js';
import { print } from './output.js';
import { counted } from './text.js';

const EXAMPLES = `
Only root and the user who started the tap may control it. What is captured live
can't be paused, and what is replayed keeps its filter.

A packet that matches the filters before and after is neither lost nor captured
twice. Packets that come after this command has ended pass by the new one.

Examples:
  pkttap control replay pause
  pkttap control replay step 10     ten more packets, then stand still
  pkttap control replay resume      go on at the pace it had
  pkttap control eth0 set-filter not port 22
  pkttap control eth0 set-filter ''      all packets`;

export function configure(command: Command): void {
  command
    .description('Pause, resume or step a replay that runs, or exchange the filter of a capture.')
    .argument('<tap>', "the tap's name, or the path of its socket")
    .argument('<action>', 'pause, resume, step or set-filter', parseAction)
    .argument('[words...]', 'step: how many packets (default: 1); set-filter: the filter')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

function parseAction(text: string): ControlAction {
  const action = CONTROL_ACTIONS.find((each) => each === text);
  if (action !== undefined) return action;
  throw new InvalidArgumentError('pause, resume, step or set-filter is expected.');
}

async function run(tap: string, action: ControlAction, words: readonly string[]): Promise<void> {
  const stats = await controlTap(tap, commandOf(action, words));
  await print(`tap ${stats.tap}: ${stats.state}, ${counted(stats.published, 'packet')} published\n`);
}

function commandOf(action: ControlAction, words: readonly string[]): ControlCommand {
  if (action === 'set-filter') {
    if (words.length === 0) throw new UsageError("set-filter to what? '' is all packets");
    return { action, filter: words.join(' ') };
  }
  if (words.length === 0) return { action };
  if (action !== 'step') throw new UsageError(`${action} takes nothing more: ${words[0]}`);
  if (words.length > 1) throw new UsageError('step takes one number');
  const packets = Number(words[0]);
  if (!/^\d+$/.test(words[0]!) || !Number.isSafeInteger(packets) || packets < 1)
    throw new UsageError('step takes how many packets: a whole number from 1 is expected');
  return { action, packets };
}
