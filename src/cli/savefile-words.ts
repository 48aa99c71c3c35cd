// The words that `pkttap replay` takes: savefiles, folders of them, standard input, and then a filter.

import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SavefileError } from '../errors.js';
import { readFailure } from '../source/savefile-error.js';

/** Words up to the first that names no file are files; the first always is one, so that a mistyped name is told as such. */
export function splitWords(words: readonly string[]): { files: string[]; filter: string } {
  const isFile = (word: string) => word === '-' || existsSync(word);
  const firstOther = words.findIndex((word, i) => i > 0 && !isFile(word));
  const count = firstOther < 0 ? words.length : firstOther;
  const files = words.slice(0, count).flatMap(expand);
  for (const file of files) checkReadable(file);
  return { files, filter: words.slice(count).join(' ') };
}

/** The reader tells as well, but only once the consumers that are waited for have come. */
function checkReadable(path: string): void {
  if (path === '-') return;
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw readFailure(path, { path, errno: (error as NodeJS.ErrnoException).code ?? '', byteOffset: 0 });
  }
}

/** A folder stands for its files, by name; what they are is for the reader to say. */
function expand(path: string): string[] {
  if (path === '-' || !existsSync(path) || !statSync(path).isDirectory()) return [path];
  const files = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile());
  if (files.length === 0) throw new SavefileError('ERR_TAP_NO_FILE', `${path}: no file in this folder`, { path });
  return files.map(({ name }) => join(path, name)).sort();
}
