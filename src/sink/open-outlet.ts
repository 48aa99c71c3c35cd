// Opens the right kind of outlet for a path or a descriptor.

import { open as openCallback, fstat as statCallback } from 'node:fs';
import { constants, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { FileOutlet } from './file-outlet.js';
import type { Outlet } from './outlet.js';
import { PipeOutlet } from './pipe-outlet.js';
import { unwritable } from './write-error.js';

const open = promisify(openCallback);
const fstat = promisify(statCallback);

/** Non-blocking, because opening a named pipe would else wait for its reader in a thread, and the process with it. */
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;
const PIPE_POLL_MS = 50;

/** Where the bytes shall go. */
export interface OutletTarget {
  /** A path, which is created or emptied; or `-`, which takes `fd`. */
  readonly target: string;
  readonly fd?: number;
  /** Ends the wait for the reader of a named pipe. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the target. Undefined: it is a pipe whose reader has already gone. Rejects with ERR_TAP_UNWRITABLE, or with the
 * signal's reason.
 */
export async function openOutlet({ target, fd, signal }: OutletTarget): Promise<Outlet | undefined> {
  if (target === '-' && fd === undefined) throw new TypeError("target '-' needs the descriptor to write to: fd");
  try {
    return target === '-' ? await openDescriptor(fd!) : await openPath(target, signal);
  } catch (error) {
    if (target === '-' && isErrno(error, 'ENXIO')) return undefined;
    throw signal?.aborted ? signal.reason : unwritable(target, error as NodeJS.ErrnoException);
  }
}

/** Creates or empties the file at `path`. A named pipe without a reader is waited for, until `signal` is aborted. */
async function openPath(path: string, signal?: AbortSignal): Promise<Outlet> {
  for (;;) {
    try {
      return await outletOf(await open(path, CREATE, 0o666), true);
    } catch (error) {
      if (!isErrno(error, 'ENXIO') || !(await stat(path)).isFIFO()) throw error;
    }
    await delay(PIPE_POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
}

/** An outlet for a descriptor of the caller's, who keeps it; a socket is taken over. ENXIO: the pipe has no reader. */
async function openDescriptor(fd: number): Promise<Outlet> {
  return outletOf((await fstat(fd)).isFIFO() ? await reopenPipe(fd) : fd, false);
}

/**
 * The same pipe under a description of its own, so that it alone becomes non-blocking: the one given may well be the
 * standard error of other programs too. A pipe made by another user can't be opened again, and is used as it is.
 */
async function reopenPipe(fd: number): Promise<number> {
  try {
    return await open(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, 'EACCES')) return fd;
    throw error;
  }
}

async function outletOf(fd: number, owned: boolean): Promise<Outlet> {
  const stats = await fstat(fd);
  return stats.isFIFO() || stats.isSocket() ? new PipeOutlet(fd) : new FileOutlet(fd, stats, owned);
}

function isErrno(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
