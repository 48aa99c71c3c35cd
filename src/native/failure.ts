// Native failures as errors that people can read.

import { constants } from 'node:os';
import { TapError, type TapErrorCode, type TapErrorFacts } from '../errors.js';
import { isNativeFailure } from './core.js';

// Of names for the same number, the first is the one of errno(3): EAGAIN, not EWOULDBLOCK.
const NAMES = new Map(
  Object.entries(constants.errno)
    .map(([name, number]) => [number, name] as const)
    .reverse(),
);

/** The name of an errno, for example 13: EACCES. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

/** A typed error for what native code threw; anything that isn't a native failure comes back as it was. */
export function explain(error: unknown, code: TapErrorCode, what: string, facts: TapErrorFacts = {}): unknown {
  if (!isNativeFailure(error)) return error;
  if (error.errno === 0) return new TapError(code, `${what}: ${error.detail}`, { ...facts, cause: error });
  const errno = errnoName(error.errno);
  const message = `${what}: ${error.syscall} ${errno}`;
  return new TapError(code, message, { ...facts, errno, syscall: error.syscall, cause: error });
}
