// What a failed open or write means to whoever asked for the file: the reader went away, which is no error at all, or
// the target can't be written, with the reason and what to do about it.

import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { SavefileError } from '../errors.js';

/** How a closed reader shows: EPIPE from a pipe, ECONNRESET from a socket too. */
const READER_GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET']);

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free space or write elsewhere',
  EDQUOT: 'the quota is used up: free space or write elsewhere',
  EFBIG: 'the file reached its size limit: raise it (ulimit -f) or write elsewhere',
  EACCES: 'permission denied: write to a directory of your own',
  EPERM: 'permission denied: write to a directory of your own',
  ENOENT: 'no such directory: create it first',
  ENOTDIR: 'no such directory: create it first',
  EISDIR: 'it is a directory: name a file in it',
  EROFS: 'the file system is read-only: write elsewhere',
};

/** Whether the error says that nobody reads any more. */
export function isReaderGone(error: NodeJS.ErrnoException): boolean {
  return READER_GONE.has(error.code);
}

/**
 * Throws ERR_TAP_UNWRITABLE for a target that can't be written, as far as that shows without making or emptying it: for
 * whoever has to wait before it is opened. `-` always can.
 */
export function checkWritable(target: string): void {
  if (target === '-') return;
  try {
    const found = statSync(target, { throwIfNoEntry: false });
    if (found?.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    accessSync(found === undefined ? dirname(target) : target, constants.W_OK);
  } catch (error) {
    throw unwritable(target, error as NodeJS.ErrnoException);
  }
}

/** ERR_TAP_UNWRITABLE with path, errno and syscall; `unwritten` is how many packets the savefile lacks because of it. */
export function unwritable(path: string, error: NodeJS.ErrnoException, unwritten = 0): SavefileError {
  const errno = error.code ?? 'unknown';
  const lost = unwritten === 0 ? '' : `, ${unwritten} ${unwritten === 1 ? 'packet' : 'packets'} not written`;
  return new SavefileError(
    'ERR_TAP_UNWRITABLE',
    `cannot write savefile: path=${path} errno=${errno}${lost}; ${REMEDIES[errno] ?? error.message}`,
    { path, errno, syscall: error.syscall ?? 'write', cause: error },
  );
}
