// The engines of a capture: libpcap in a thread of our own, or the package cap. What cap can't be told is refused by name.

import { Command } from 'commander';
import { type CapSource, openCap } from '../source/cap.js';
import { type LiveOptions, type LiveSource, openLive } from '../source/live.js';
import { UsageError } from './failure.js';
import { addSavefileOptions } from './savefile-options.js';
import { addTapOptions } from './tap-options.js';

export type Engine = 'libpcap' | 'cap';

/** Options of capture that make no difference to the engine, or that cap has, too; as Commander calls them. */
const CAP_TAKES: ReadonlySet<string> = new Set([
  ...['interface', 'filterFile', 'bufferSize', 'count', 'engine', 'write', 'relinquishPrivileges'],
  ...sharedOptionNames(),
]);

/** Opens the devices with the engine. Throws UsageError for what was typed and the engine can't do. */
export function openEngine(
  engine: Engine,
  devices: readonly string[],
  { options, command }: { options: LiveOptions; command: Command },
): LiveSource | CapSource {
  if (engine === 'libpcap') return openLive(devices, options);
  refuse(command);
  return openCap(devices, options);
}

function refuse(command: Command): void {
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  const other = command.options.find((option) => {
    return isGiven(option.attributeName()) && !CAP_TAKES.has(option.attributeName());
  });
  if (other !== undefined) throw new UsageError(`--engine cap can't do ${other.flags.replace(/ <.*/, '')}`);
  if (command.getOptionValue('onSlow') === 'wait')
    throw new UsageError("--engine cap can't do --on-slow wait: it can't hold packets back");
}

function sharedOptionNames(): string[] {
  const command = new Command();
  addSavefileOptions(command, '--format <format>');
  addTapOptions(command, { name: '', ringSize: '', onSlow: 'drop' });
  return command.options.map((option) => option.attributeName());
}
