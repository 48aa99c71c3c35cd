// The program as it is where something could not be installed: the same files, but for that.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGES = ['commander', 'msgpackr', 'cap'] as const;
const MODULES = ['core', 'pcap'] as const;

/** What is missing: packages, and native modules of our own. */
export interface Missing {
  readonly packages?: readonly (typeof PACKAGES)[number][];
  readonly modules?: readonly (typeof MODULES)[number][];
}

/** The path of its bin/pkttap.js, which goes when the test has finished. */
export function installWithout({ packages = [], modules = [] }: Missing): string {
  const path = mkdtempSync(join(tmpdir(), 'pkttap-partial-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const name of ['bin', 'dist', 'package.json']) cpSync(join(ROOT, name), join(path, name), { recursive: true });
  mkdirSync(join(path, 'node_modules'));
  for (const name of PACKAGES.filter((name) => !packages.includes(name)))
    symlinkSync(join(ROOT, 'node_modules', name), join(path, 'node_modules', name));
  const built = 'native/build/Release';
  mkdirSync(join(path, built), { recursive: true });
  for (const name of MODULES.filter((name) => !modules.includes(name)))
    symlinkSync(join(ROOT, built, `${name}.node`), join(path, built, `${name}.node`));
  return join(path, 'bin/pkttap.js');
}
