// Where servers of channels are found: a name is a socket in a folder that belongs to this user alone (0700):
// $XDG_RUNTIME_DIR/pkttap-ipc, /run/pkttap-ipc for root, else pkttap-ipc-<uid> in the folder for temporary files. A name with
// a slash is a path of the caller's.

import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, geteuid } from 'node:process';
import { isTapName } from '../control/address.js';
import { TapError } from '../errors.js';

/** The socket that a name stands for. Throws RangeError for what can't be a name. */
export function socketPathOf(name: string): string {
  if (name.includes('/')) return name;
  if (!isTapName(name)) throw new RangeError(`not a name: ${JSON.stringify(name)} (letters, digits, _.:@-, or a path)`);
  return join(privateDirectory(), `${name}.sock`);
}

/** Makes the folder, if need be, and makes sure that it is nobody else's. Throws ERR_TAP_PERMISSION. */
export function privateDirectory(): string {
  const uid = geteuid?.() ?? 0;
  const path = directoryOf(uid);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  // Attack: somebody made a folder of this name before us, to put sockets of theirs into it.
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return path;
  throw new TapError('ERR_TAP_PERMISSION', `not a folder of this user alone (0700): path=${path}; remove it`, { path });
}

function directoryOf(uid: number): string {
  if (uid === 0) return '/run/pkttap-ipc';
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'pkttap-ipc');
  return join(tmpdir(), `pkttap-ipc-${uid}`);
}
