// `-b filesize:100 -b files:10 -a duration:60`: dumpcap's conditions for the next file and for the end, as numbers.

import { InvalidArgumentError } from 'commander';

/** The conditions given with one letter. Sizes are kB of 1000 bytes, durations seconds. */
export interface FileConditions {
  readonly filesize?: number;
  readonly duration?: number;
  readonly files?: number;
  readonly packets?: number;
}

const KINDS: ReadonlySet<string> = new Set([
  'filesize',
  'duration',
  'files',
  'packets',
] satisfies (keyof FileConditions)[]);
const EXPECTED = 'filesize:KB, duration:SECONDS, files:N or packets:N is expected.';

/** Adds a condition to those given before. The same one given again counts as last given. */
export function parseFileCondition(text: string, before: FileConditions = {}): FileConditions {
  const [kind = '', value = '', ...more] = text.split(':');
  if (!KINDS.has(kind) || more.length > 0) throw new InvalidArgumentError(EXPECTED);
  return { ...before, [kind]: kind === 'duration' ? parseSeconds(value) : parseWhole(value) };
}

function parseWhole(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('a whole number from 1 is expected.');
}

function parseSeconds(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= 0.001) return value;
  throw new InvalidArgumentError('a number of seconds from 0.001 is expected.');
}
