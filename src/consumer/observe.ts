// Asking a tap for its statistics, and finding the taps that run, without attaching.

import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { isTapName, tapDirectories } from '../control/address.js';
import type { TapStats } from '../control/messages.js';
import { TapError } from '../errors.js';
import type { DialOptions } from './dial.js';
import { openDialogue } from './dialogue.js';

/** A connection that asks for statistics, as often as wanted. Close it. */
export interface Observer extends Disposable {
  stats(): Promise<TapStats>;
  close(): void;
}

/** Connects to a tap as an observer: no memory, no packets. Throws as attach() does. */
export async function observe(tap: string, options: DialOptions = {}): Promise<Observer> {
  const { ask, close } = await openDialogue(tap, 'observer', options);
  return { stats: () => ask({ type: 'stats' }), close, [Symbol.dispose]: close };
}

/** A tap's statistics, once. */
export async function tapStats(tap: string, options: DialOptions = {}): Promise<TapStats> {
  const observer = await observe(tap, options);
  try {
    return await observer.stats();
  } finally {
    observer.close();
  }
}

/**
 * Statistics of every tap that answers, by name, of one directory or (default) of all where a consumer looks. A socket
 * left behind by a tap that was killed is passed over, as is what isn't called as a tap can be. Throws ERR_TAP_PERMISSION if no directory can be read; one that
 * doesn't exist holds no taps.
 */
export async function listTaps(directory?: string): Promise<TapStats[]> {
  const directories = directory === undefined ? tapDirectories() : [directory];
  const results = await Promise.allSettled(directories.map(listDirectory));
  const readable = results.filter((result) => result.status === 'fulfilled');
  if (readable.length > 0) return readable.flatMap(({ value }) => value);
  throw (results[0] as PromiseRejectedResult).reason;
}

async function listDirectory(directory: string): Promise<TapStats[]> {
  const found: TapStats[] = [];
  for (const name of socketNames(directory)) {
    try {
      found.push(await tapStats(name, { directory }));
    } catch (error) {
      if (!(error instanceof TapError)) throw error;
    }
  }
  return found;
}

function socketNames(directory: string): string[] {
  try {
    const sockets = readdirSync(directory).filter((entry) => entry.endsWith('.sock'));
    return sockets
      .map((entry) => basename(entry, '.sock'))
      .filter(isTapName)
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new TapError(
      'ERR_TAP_PERMISSION',
      `can't read the folder of taps: path=${directory} ${code}; PKTTAP_DIR names another`,
      {
        path: directory,
        cause: error,
      },
    );
  }
}
