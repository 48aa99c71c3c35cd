// Finds and loads the native modules. Built by `npm run build:native` into native/build, found from src/ (tests) and
// from dist/ alike. The only place that loads a .node file.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { TapError } from '../errors.js';

const require = createRequire(import.meta.url);

/** Where a built native module lies, whether or not it is there. */
function nativePath(module: 'core' | 'pcap'): string {
  return fileURLToPath(new URL(`../../native/build/Release/${module}.node`, import.meta.url));
}

/** Loads a native module. Throws ERR_TAP_NATIVE, with `remedy` as the last part of its message. */
export function loadNative<T>(module: 'core' | 'pcap', remedy: string): T {
  const path = nativePath(module);
  try {
    return require(path) as T;
  } catch (cause) {
    throw new TapError('ERR_TAP_NATIVE', `can't load the native module: path=${path}: ${remedy}`, { path, cause });
  }
}
