// Claims a tap's name: binds its socket, and makes sure that two taps never share one. A socket left by a tap that was
// killed is proved dead by connecting (ECONNREFUSED) and replaced; the proof and the bind happen under a lock file, so
// that two taps starting at once can't both find it dead. A live socket is an error that names its owner.

import { chmodSync, existsSync, lchownSync, lstatSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { geteuid } from 'node:process';
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
  /** User to whom the socket, and the folder if it has to be made, will belong; undefined: this one. */
  readonly owner?: number | undefined;
}

/** Binds and listens. Returns the listening descriptor. Throws ERR_TAP_NAME_IN_USE, ERR_TAP_PERMISSION or ERR_TAP_SYSTEM. */
export function claimName(options: ClaimOptions): number {
  const { path } = options;
  const directory = dirname(path);
  try {
    makeDirectory(directory, options);
    const { uid, gid } = statSync(directory);
    // In a folder of another user's, root does only what that user may: no link that was laid there leads further.
    if (geteuid?.() === 0 && uid !== 0 && isReachable(directory, uid))
      return core().asUser(uid, options.gid ?? gid, () => bindUnderLock(options));
    const listener = bindUnderLock(options);
    if (options.gid !== undefined) lchownSync(path, -1, options.gid);
    if (options.owner !== undefined) giveTo(options.owner, path);
    return listener;
  } catch (error) {
    throw explainClaim(error, path);
  }
}

/**
 * Gives a name back: nobody finds the tap any more; its sessions go on. Call before closing the listener: as long as it
 * listens, nobody takes the socket for dead and puts another in its place. A tap that became another user may not be
 * allowed to remove it: the next tap of this name proves it dead.
 */
export function releaseName(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Who can't even get to his folder, as to one in root's home, has laid nothing there, and is no help in making a socket. */
function isReachable(directory: string, uid: number): boolean {
  try {
    core().asUser(uid, uid, () => statSync(directory));
    return true;
  } catch {
    return false;
  }
}

function bindUnderLock({ path, open }: ClaimOptions): number {
  const lock = core().lockFile(join(dirname(path), '.lock'));
  try {
    removeDead(path);
    return core().listen(path, open ? 0o666 : 0o660);
  } finally {
    core().closeFd(lock);
  }
}

function makeDirectory(directory: string, { gid, open, owner }: ClaimOptions): void {
  for (const made of makeFolders(directory)) {
    if (gid !== undefined) lchownSync(made, -1, gid);
    if (owner !== undefined) giveTo(owner, made);
  }
  // Passing through is not reading: other users may reach a socket whose name they know.
  if (open) chmodSync(directory, (statSync(directory).mode & 0o7777) | 0o011);
}

/** Makes what isn't there, and tells what that was. Node's own way of it never ends where all is ENOENT, as in /proc. */
function makeFolders(directory: string): string[] {
  if (existsSync(directory)) return [];
  const above = makeFolders(dirname(directory));
  try {
    mkdirSync(directory, { mode: 0o750 });
    return [...above, directory];
  } catch (error) {
    // Another tap was quicker.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return above;
    throw error;
  }
}

/** Without CAP_CHOWN it stays ours: root can use it just as well, and what can't be removed later does no harm. */
function giveTo(uid: number, path: string): void {
  try {
    lchownSync(path, uid, -1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
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
