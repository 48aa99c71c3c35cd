// Where taps are found: a tap NAME listens on <directory>/NAME.sock. The directory is $PKTTAP_DIR, else /run/pkttap for
// root, else $XDG_RUNTIME_DIR/pkttap. Consumers that are not root look in root's directory as well: that is where the
// taps of network cards are.

import { join } from 'node:path';
import { env, geteuid } from 'node:process';
import { TapError } from '../errors.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,63}$/;

const ROOTS_DIRECTORY = '/run/pkttap';

/** The directory of this user's taps. Throws ERR_TAP_SYSTEM where nothing says which. */
export function tapDirectory(): string {
  if (env.PKTTAP_DIR) return env.PKTTAP_DIR;
  if (geteuid?.() === 0) return ROOTS_DIRECTORY;
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'pkttap');
  throw new TapError('ERR_TAP_SYSTEM', 'no folder for taps: set PKTTAP_DIR (XDG_RUNTIME_DIR is not set either)');
}

/** Where this user's consumers look for taps, in order. */
export function tapDirectories(): string[] {
  if (env.PKTTAP_DIR) return [env.PKTTAP_DIR];
  const hasOwn = geteuid?.() !== 0 && env.XDG_RUNTIME_DIR;
  return hasOwn ? [tapDirectory(), ROOTS_DIRECTORY] : [ROOTS_DIRECTORY];
}

/** Whether a tap may be called this: letters, digits and `_.:@-`, at most 64, the first a letter or digit. */
export function isTapName(name: string): boolean {
  return typeof name === 'string' && NAME.test(name);
}

/** Throws RangeError for a name that no tap may have. */
export function checkTapName(name: string): void {
  if (isTapName(name)) return;
  const allowed = 'at most 64 letters, digits, _.:@-; the first a letter or digit';
  throw new RangeError(`not a name for a tap: ${JSON.stringify(name)} (${allowed})`);
}

/** The socket of a tap, given its name or, with a slash in it, the path itself. Throws RangeError for neither. */
export function socketPath(tap: string, directory?: string): string {
  if (typeof tap === 'string' && tap.includes('/')) return tap;
  checkTapName(tap);
  return join(directory ?? tapDirectory(), `${tap}.sock`);
}
