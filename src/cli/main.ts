// The command line: finds the subcommand, loads that one alone, and turns how it went into an exit code. 0: finished, or
// stopped by SIGINT, SIGTERM or SIGHUP. 1: an error. 2: wrong usage. 3: packets were lost, under --fail-on-drop.

import { Command, CommanderError } from 'commander';
import { reportAndExitCode } from './failure.js';
import { readManifest } from './manifest.js';
import { print } from './output.js';
import { meetServiceManager } from './service-manager.js';
import { listenForSignals } from './signals.js';

// From the first moment: without a handler, SIGUSR1 makes Node open its inspector, in a process that may be root's.
listenForSignals();
meetServiceManager();

interface CommandModule {
  configure(command: Command): void;
}

const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<CommandModule> }>> = {
  capture: { summary: 'capture from network devices into a tap', load: () => import('./capture.js') },
  replay: { summary: 'replay savefiles into a tap', load: () => import('./replay.js') },
  attach: { summary: 'print or write the packets of a tap', load: () => import('./attach.js') },
  analyze: { summary: 'analyze the packets of a tap: flows, EVE JSON', load: () => import('./analyze.js') },
  control: { summary: 'pause or step a replay, change a filter', load: () => import('./control.js') },
  list: { summary: 'list the taps that run', load: () => import('./list.js') },
  stats: { summary: 'show packets, losses and consumers of a tap', load: () => import('./stats.js') },
  top: { summary: 'watch rates, losses, flows and talkers of a tap', load: () => import('./top.js') },
  devices: { summary: 'list the devices that can be captured from', load: () => import('./devices.js') },
  doctor: { summary: 'tell what this machine lacks, and what mends it', load: () => import('./doctor.js') },
};

const EXAMPLES = `
Examples:
  pkttap capture eth0 tcp port 443          tap a network card, as root
  pkttap attach eth0                        print its packets, elsewhere
  pkttap replay trace.pcapng --wait-for 1   make "replay", a tap, of a savefile
  pkttap analyze replay                     and analyze that, elsewhere

Each command has its own help: pkttap COMMAND --help`;

async function buildProgram(wanted: string | undefined): Promise<Command> {
  const program = new Command('pkttap')
    .description('A network tap: capture once, analyse in many processes.')
    .version(readManifest().version, '-V, --version')
    .addHelpText('after', EXAMPLES)
    // Sub-commands inherit this: all errors begin with the program's name.
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'pkttap:')) })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showHelpAfterError('(pkttap --help tells more)')
    .exitOverride();
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).summary(summary).description(summary).exitOverride();
    command.showHelpAfterError(`(pkttap ${name} --help tells more)`);
    if (name === wanted) (await load()).configure(command);
    else command.allowUnknownOption().argument('[arguments...]');
  }
  return program;
}

/** The first word that is no option: the subcommand, or what `help` is asked about. */
function wantedCommand(words: readonly string[]): string | undefined {
  const plain = words.filter((word) => !word.startsWith('-'));
  return plain[0] === 'help' ? plain[1] : plain[0];
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const wanted = wantedCommand(words);
  const program = await buildProgram(wanted);
  try {
    // Commander would show its own help, without a word about what it was asked.
    if (words[0] === 'help' && wanted !== undefined && wanted !== 'help' && !Object.hasOwn(COMMANDS, wanted))
      program.error(`error: unknown command '${wanted}'`);
    await program.parseAsync();
  } catch (error) {
    process.exitCode = await exitCodeOf(error);
  }
}

/** Commander throws after it has written help or version, too; whether they could be written is known only now. */
async function exitCodeOf(error: unknown): Promise<number> {
  if (!(error instanceof CommanderError && error.exitCode === 0)) return reportAndExitCode(error);
  try {
    await print('');
    return 0;
  } catch (failure) {
    return reportAndExitCode(failure);
  }
}

await main();
