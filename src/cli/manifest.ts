// What package.json says of this installation. Read when it is asked for: most commands don't.

import { readFileSync } from 'node:fs';

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** The package's version and the Node that it needs, for example `>=20.19`. */
export function readManifest(): Manifest {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
}
