// The project's own files, as the structure tests look at them. Paths are relative to the project's root, with slashes.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

const GENERATED = /^(native\/build|node_modules)\//;

/** All files under a folder of the project, sorted, without what a build leaves there. Empty if there is no such folder. */
export function filesUnder(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !GENERATED.test(path))
    .sort();
}

/** A file as text. Bytes that are not ASCII come out as Latin-1, so that binary files can be searched as well. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'latin1');
}

/** The files that git tracks and that are there; undefined where the project is not a git checkout. */
export function trackedFiles(): string[] | undefined {
  // A checkout of another user's is looked at just the same: this only reads.
  const git = spawnSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' });
  if (git.status !== 0) return undefined;
  return git.stdout.split('\0').filter((path) => path !== '' && existsSync(join(ROOT, path)));
}
