// Claims a tap's name: binds its socket, and makes sure that two taps never share one. A socket left by a tap that was
// killed is proved dead by connecting (ECONNREFUSED) and replaced; the proof and the bind happen under a lock file, so
// that two taps starting at once can't both find it dead. A live socket is an error that names its owner.

import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TapError } from '../errors.js';
import { core, isNativeFailure } from '../native/core.js';
import { errnoName, explain } from '../native/failure.js';

/** How a name is to be claimed. */
export interface ClaimOptions {
  /** Path of the socket. */
  readonly path: string;
  /** Group that may connect, beside the owner; undefined: the owner's own. */
  readonly gid: number | undefined;
  /** Lets every user reach the socket, and leaves it to the credential check to refuse. */
  readonly open: boolean;
}

/** Binds and listens. Returns the listening descriptor. Throws ERR_TAP_NAME_IN_USE, ERR_TAP_PERMISSION or ERR_TAP_SYSTEM. */
export function claimName(options: ClaimOptions): number {
  const { path } = options;
  try {
    makeDirectory(dirname(path), options);
    const lock = core().lockFile(join(dirname(path), '.lock'));
    try {
      removeDead(path);
      const listener = core().listen(path, options.open ? 0o666 : 0o660);
      if (options.gid !== undefined) chownSync(path, -1, options.gid);
      return listener;
    } finally {
      core().closeFd(lock);
    }
  } catch (error) {
    throw explainClaim(error, path);
  }
}

/**
 * Gives a name back: nobody finds the tap any more; its sessions go on. Call before closing the listener: as long as it
 * listens, nobody takes the socket for dead and puts another in its place.
 */
export function releaseName(path: string): void {
  rmSync(path, { force: true });
}

function makeDirectory(directory: string, { gid, open }: ClaimOptions): void {
  const made = mkdirSync(directory, { recursive: true, mode: 0o750 }) !== undefined;
  if (made && gid !== undefined) chownSync(directory, -1, gid);
  // Passing through is not reading: other users may reach a socket whose name they know.
  if (open) chmodSync(directory, (statSync(directory).mode & 0o7777) | 0o011);
}

function removeDead(path: string): void {
  let probe: number;
  try {
    probe = core().connect(path);
  } catch (error) {
    const errno = isNativeFailure(error) ? errnoName(error.errno) : '';
    if (errno === 'ECONNREFUSED') removeSocket(path);
    else if (errno !== 'ENOENT') throw error;
    return;
  }
  const { pid } = core().peerCredentials(probe);
  core().closeFd(probe);
  throw new TapError(
    'ERR_TAP_NAME_IN_USE',
    `tap name in use: path=${path} pid=${pid}; choose another with --tap NAME`,
    {
      path,
    },
  );
}

/** A file of somebody's that isn't a socket refuses connections just the same: it is left where it is. */
function removeSocket(path: string): void {
  if (lstatSync(path).isSocket()) return rmSync(path);
  const message = `can't make the tap's socket: path=${path} is there already and is not a socket`;
  throw new TapError('ERR_TAP_NAME_IN_USE', message, { path });
}

function explainClaim(error: unknown, path: string): unknown {
  const system = error as NodeJS.ErrnoException;
  const denied = isNativeFailure(error) ? errnoName(error.errno) === 'EACCES' : system.code === 'EACCES';
  if (denied) {
    const message = `no permission to make the tap's socket: path=${path}; set PKTTAP_DIR to a folder of yours`;
    return new TapError('ERR_TAP_PERMISSION', message, { path, cause: error });
  }
  if (system.syscall !== undefined && system.code !== undefined && !(error instanceof TapError)) {
    const message = `can't make the tap's socket: path=${path}: ${system.syscall} ${system.code}`;
    return new TapError('ERR_TAP_SYSTEM', message, { path, errno: system.code, syscall: system.syscall, cause: error });
  }
  return explain(error, 'ERR_TAP_SYSTEM', `can't make the tap's socket: path=${path}`, { path });
}
