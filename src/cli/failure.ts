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

/** An error as a person is told of it; no message: it was told already. */
export interface Failure {
  readonly message?: string;
  readonly exitCode: number;
  /** Of a TapError: what kind of failure it is, whatever the numbers in the message. */
  readonly code?: string;
}

/** What to say of an error, and the exit code that it stands for. */
export function failureOf(error: unknown): Failure {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return { exitCode: EXIT_USAGE };
  if (error instanceof UsageError || error instanceof RangeError) {
    return { message: error.message, exitCode: EXIT_USAGE };
  }
  if (error instanceof TapError) return { message: error.message, exitCode: EXIT_ERROR, code: error.code };
  // What nobody foresaw is a bug of ours: its stack is what a report needs.
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message, exitCode: EXIT_ERROR };
}

/** Prints an error and gives the exit code it stands for. */
export function reportAndExitCode(error: unknown): number {
  const { message, exitCode } = failureOf(error);
  if (message !== undefined) process.stderr.write(`pkttap: ${message}\n`);
  return exitCode;
}
