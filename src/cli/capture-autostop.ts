// `capture -a`: dumpcap's conditions for the end of a capture. Time and packets are the capture's own; those of files are
// kept by the recorder, and the capture ends with it.

import { InvalidArgumentError } from 'commander';
import { type FileConditions, parseFileCondition } from './file-conditions.js';
import { MAX_SECONDS } from './options.js';

/** `-a` as given so far, and once more. */
export function parseAutostop(text: string, before?: FileConditions): FileConditions {
  const conditions = parseFileCondition(text, before);
  if ((conditions.duration ?? 0) <= MAX_SECONDS) return conditions;
  throw new InvalidArgumentError(`a number of seconds up to ${MAX_SECONDS} is expected.`);
}

/** For openLive(). Of two counts of packets, the smaller counts. */
export function limitsOf(count: number, { duration = 0, packets = 0 }: FileConditions = {}) {
  const counts = [count, packets].filter((limit) => limit > 0);
  return { limit: counts.length > 0 ? Math.min(...counts) : 0, durationMs: duration * 1000 };
}

/** What is left to the recorder. */
export function fileLimitsOf({ filesize, files }: FileConditions = {}): FileConditions | undefined {
  if (filesize === undefined && files === undefined) return undefined;
  return { ...(filesize !== undefined && { filesize }), ...(files !== undefined && { files }) };
}
