// The files of rules' datasets: read when rules are, written when the analyzer has ended. Rules come from others: what they
// have written lies beside their own file, and nowhere else.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { Datasets, type SavedSet } from '../analyzer/datasets/datasets.js';
import { RuleProblem } from '../analyzer/rules/problem.js';
import { EXIT_ERROR } from './failure.js';

/** The sets of this thread's rules. */
export const datasets = new Datasets({
  read: (path, from) => readFileSync(isAbsolute(path) ? path : join(dirname(from), path), 'utf8'),
  readState: (path, from) => {
    const place = besideRules(path, from);
    return existsSync(place) ? readFileSync(place, 'utf8') : undefined;
  },
  target: besideRules,
});

/** Writes all sets; those of several workers with the same path as one. What can't be written is told, and the exit code is set. */
export function saveDatasets(sets: readonly SavedSet[]): void {
  const byPath = new Map<string, Set<string>>();
  for (const { path, lines } of sets) {
    const all = byPath.get(path) ?? new Set();
    for (const line of lines) all.add(line);
    byPath.set(path, all);
  }
  for (const [path, lines] of byPath) save(path, [...lines]);
}

/** Whoever reads it meanwhile sees the old file or the new one. */
function save(path: string, lines: readonly string[]): void {
  try {
    writeFileSync(`${path}.new`, lines.map((line) => `${line}\n`).join(''));
    renameSync(`${path}.new`, path);
  } catch (error) {
    process.exitCode = EXIT_ERROR;
    process.stderr.write(`pkttap: can't save a dataset: ${(error as NodeJS.ErrnoException).code}: path=${path}\n`);
  }
}

function besideRules(path: string, from: string): string {
  if (isAbsolute(path) || normalize(path).startsWith('..'))
    throw new RuleProblem(`dataset: rules write beside their own file only, not to ${path}`);
  return join(dirname(from), path);
}
