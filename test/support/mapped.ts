// What this process has mapped.

import { readFileSync } from 'node:fs';

/** How many mappings there are of files with this in their name, such as `memfd:pkttap-message`. */
export function mapped(name: string): number {
  return readFileSync('/proc/self/maps', 'utf8').split(name).length - 1;
}
