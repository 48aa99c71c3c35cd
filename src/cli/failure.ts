// Errors as a person meets them: one line on standard error that says what failed, where, and what to do; and a code.

import { CommanderError } from 'commander';
import { TapError } from '../errors.js';

export const EXIT_ERROR = 1;
export const EXIT_USAGE = 2;
/** Packets were lost, and --fail-on-drop was given. */
export const EXIT_LOST = 3;

// Where nobody reads standard error any more, there is nowhere left to say so.
process.stderr.on('error', () => {});

/** A mistake in what was typed. Ends with exit code 2. */
export class UsageError extends Error {}

/** Prints an error and gives the exit code it stands for. */
export function reportAndExitCode(error: unknown): number {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return EXIT_USAGE;
  if (error instanceof UsageError || error instanceof RangeError) return say(error.message, EXIT_USAGE);
  if (error instanceof TapError) return say(error.message, EXIT_ERROR);
  // What nobody foresaw is a bug of ours: its stack is what a report needs.
  return say(error instanceof Error ? (error.stack ?? error.message) : String(error), EXIT_ERROR);
}

function say(message: string, code: number): number {
  process.stderr.write(`pkttap: ${message}\n`);
  return code;
}
