// Which room of src/ may import what, as data, and the function that judges one import by it.

import { dirname, join, normalize } from 'node:path';
import { COMPUTED } from './imports.js';

/** From the top down: a room imports itself and the rooms of lower rows, never its neighbours in its own row. */
export const LAYERS: readonly (readonly string[])[] = [
  ['cli'],
  ['analyzer', 'sink', 'packet-ipc'],
  ['tap', 'consumer'],
  ['source', 'channel'],
  ['savefile', 'ring', 'control'],
  ['native'],
  ['packet'],
  ['errors'],
];

/** The room of src/index.ts: it re-exports the other rooms. Only those above it see the library from outside. */
const PUBLIC = 'index';

/** Rooms that see the library through src/index.ts alone, as a user's program does. */
const OUTSIDERS = ['analyzer'];

/** Rooms that only compute: neither native code nor Node's modules, but for these. */
const PURE = ['packet', 'ring', 'errors'];
const PURE_MODULES = ['node:util', 'node:buffer'];

/** The room that loads the native modules, from a path that it works out. */
const LOADER = 'native';

/** All that a library may know of the process it runs in. Arguments, streams, signals and exit are the command line's. */
export const PROCESS_FACTS = ['env', 'geteuid', 'getuid', 'pid'];

/** Each package that pkttap needs at run time, and the rooms that may know of it. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  commander: ['cli'],
  msgpackr: ['control', 'channel'],
  cap: ['source'],
  'pcap-parser': ['source'],
};

/** The room of a file: `src/tap/tap.ts` is in `tap`, `src/errors.ts` is `errors`. */
export function roomOf(path: string): string {
  return path.split('/')[1]!.replace(/\.ts$/, '');
}

/** Why the file may not import the specifier, or undefined if it may. */
export function objection(path: string, specifier: string): string | undefined {
  const room = roomOf(path);
  const reason = specifier.startsWith('.')
    ? objectionToFile(room, normalize(join(dirname(path), specifier)))
    : objectionToPackage(room, specifier);
  return reason && `${path} imports ${specifier}: ${reason}`;
}

function objectionToFile(room: string, target: string): string | undefined {
  if (!target.startsWith('src/')) return 'it lies outside of src/';
  if (!target.endsWith('.js')) return 'imports end in .js';
  const other = roomOf(target.replace(/\.js$/, '.ts'));
  if (other === room) return undefined;
  if (room === 'cli') return undefined;
  if (OUTSIDERS.includes(room)) return other === PUBLIC ? undefined : 'it uses the public API only';
  if (room === PUBLIC) return layerOf(other) > 0 ? undefined : 'the command line is no part of the public API';
  if (other === LOADER && PURE.includes(room)) return 'a pure room needs no native code';
  return layerOf(other) > layerOf(room) ? undefined : 'dependencies point down';
}

function objectionToPackage(room: string, specifier: string): string | undefined {
  if (specifier === COMPUTED) return room === LOADER ? undefined : 'a computed name hides what it depends on';
  if (specifier.startsWith('node:')) {
    return PURE.includes(room) && !PURE_MODULES.includes(specifier) ? 'a pure room only computes' : undefined;
  }
  return PACKAGES[specifier]?.includes(room) ? undefined : 'the table of packages does not allow it here';
}

/** The row of a room; -1 for a name that the table doesn't know, so that nothing may import it. */
function layerOf(room: string): number {
  return LAYERS.findIndex((row) => row.includes(room));
}
