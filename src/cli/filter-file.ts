// `-F FILE`: a filter in a file, as tcpdump reads it: over several lines, with comments from `#` to the end of the line.

import { readFileSync } from 'node:fs';
import { TapError } from '../errors.js';

/** The filter, on one line. Throws ERR_TAP_NO_FILE, and ERR_TAP_BAD_FILTER for a file that isn't text. */
export function readFilter(path: string): string {
  const text = readText(path);
  if (text.includes('\0'))
    throw new TapError('ERR_TAP_BAD_FILTER', `not a text file, so no filter: path=${path}`, { path });
  return text.replace(/#.*$/gm, '').replace(/\s+/g, ' ').trim();
}

/** The same error, if it is about this file's filter, with the file's name. */
export function withFilterFile(error: unknown, path: string): unknown {
  if (!(error instanceof TapError) || error.code !== 'ERR_TAP_BAD_FILTER') return error;
  return new TapError(error.code, `${error.message} path=${path}`, { path, cause: error });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code: errno = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new TapError('ERR_TAP_NO_FILE', `can't read the filter: ${errno}: path=${path}`, { path, errno, cause });
  }
}
