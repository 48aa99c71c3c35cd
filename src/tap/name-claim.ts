// Claims a tap's name: binds its socket, and makes sure that two taps never share one. The socket appears under its name once
// all may connect who should: it is made under another, listens, gets its owner, and is moved. A socket left by a tap that was
// killed is proved dead by connecting (ECONNREFUSED) and replaced; proof and replacement happen under a lock file, so
// that two taps starting at once can't both find it dead. A live socket is an error that names its owner.

import { lstatSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { geteuid } from 'node:process';
import { TapError } from '../errors.js';
import { core, isNativeFailure } from '../native/core.js';
import { errnoName, explain } from '../native/failure.js';
import { give, LOCK_FILE, makeFolder, type Ownership } from './claim-folder.js';

/** How a name is to be claimed, and to whom the socket, and the folder if it has to be made, will belong. */
export interface ClaimOptions extends Ownership {
  /** Path of the socket. */
  readonly path: string;
  /** Lets every user reach the socket, and leaves it to the credential check to refuse. */
  readonly open: boolean;
}

/** Binds and listens. Returns the listening descriptor. Throws ERR_TAP_NAME_IN_USE, ERR_TAP_PERMISSION or ERR_TAP_SYSTEM. */
export function claimName(options: ClaimOptions): number {
  const { path, open } = options;
  const directory = dirname(path);
  try {
    makeFolder(directory, open, options);
    const { uid, gid } = statSync(directory);
    // In a folder of another user's, root does only what that user may: no link that was laid there leads further.
    if (geteuid?.() === 0 && uid !== 0 && isReachable(directory, uid))
      return core().asUser(uid, options.gid ?? gid, () => bindUnderLock({ path, open }));
    return bindUnderLock(options);
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

function bindUnderLock(options: ClaimOptions): number {
  const { path } = options;
  const lock = core().lockFile(join(dirname(path), LOCK_FILE));
  try {
    if (isSocket(path)) proveDead(path);
    return bindAside(options);
  } finally {
    core().closeFd(lock);
  }
}

/** No longer than the path itself where that ends in `.sock`: the address of a socket has little room. */
function bindAside({ path, open, ...ownership }: ClaimOptions): number {
  const aside = join(dirname(path), `.${basename(path, '.sock')}.new`);
  if (isSocket(aside)) rmSync(aside);
  const listener = core().listen(aside, open ? 0o666 : 0o660);
  try {
    give(aside, ownership);
    renameSync(aside, path);
    return listener;
  } catch (error) {
    rmSync(aside, { force: true });
    core().closeFd(listener);
    throw error;
  }
}

/** False: there is nothing. A file of somebody's that isn't a socket is left where it is: ERR_TAP_NAME_IN_USE. */
function isSocket(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isSocket()) return found !== undefined;
  const message = `can't make the tap's socket: path=${path} is there already and is not a socket`;
  throw new TapError('ERR_TAP_NAME_IN_USE', message, { path });
}

function proveDead(path: string): void {
  let probe: number;
  try {
    probe = core().connect(path);
  } catch (error) {
    const errno = isNativeFailure(error) ? errnoName(error.errno) : '';
    if (errno === 'ECONNREFUSED' || errno === 'ENOENT') return;
    throw error;
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
