// The words that `pkttap replay` takes: savefiles, folders of them, standard input, and then a filter.

import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SavefileError } from '../errors.js';
import { readFailure } from '../source/savefile-error.js';

/**
 * Words up to the first that names no file are files. So are the first of all and what can only be meant as a path, whether
 * they exist or not: a mistyped name is told as such, and not as a bad filter.
 */
export function splitWords(words: readonly string[]): { files: string[]; filter: string } {
  const isFile = (word: string) => word === '-' || existsSync(word) || isPath(word);
  const firstOther = words.findIndex((word, i) => i > 0 && !isFile(word));
  const count = firstOther < 0 ? words.length : firstOther;
  const files = words.slice(0, count).flatMap(expand);
  for (const file of files) checkReadable(file);
  return { files, filter: words.slice(count).join(' ') };
}

/** A filter has slashes, too: behind an address, and in one word with spaces, `net 10.0.0.0/8`. */
function isPath(word: string): boolean {
  if (/\s/.test(word)) return false;
  if (/\.(pcap|pcapng|cap)(\.(gz|zst|lz4))?$/i.test(word)) return true;
  return word.includes('/') && !/^[\da-f.:]+\/[\d.]+$/i.test(word);
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

/** A folder stands for its files, by name, but for hidden ones, as `folder/*` does; what they are is for the reader to say. */
function expand(path: string): string[] {
  if (path === '-' || !existsSync(path) || !statSync(path).isDirectory()) return [path];
  checkReadable(path);
  const files = readdirSync(path)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(path, name))
    .filter((file) => !existsSync(file) || statSync(file).isFile());
  if (files.length === 0) throw new SavefileError('ERR_TAP_NO_FILE', `${path}: no file in this folder`, { path });
  return files.sort();
}
