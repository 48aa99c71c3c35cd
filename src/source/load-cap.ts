// Loads the package cap when it is asked for: it is an optional dependency, compiled on the machine that installs it.

import { createRequire } from 'node:module';
import { TapError } from '../errors.js';

const require = createRequire(import.meta.url);

/** The package. Throws ERR_TAP_NATIVE where it isn't installed, or was built for another Node. */
export function loadCap(): typeof import('cap') {
  try {
    return require('cap') as typeof import('cap');
  } catch (cause) {
    const remedy = 'type `apt-get install g++ libpcap-dev make python3`, then `npm install cap`';
    throw new TapError('ERR_TAP_NATIVE', `can't load the package cap: ${remedy}`, { cause });
  }
}
