// Asking a tap for its statistics, and finding the taps that run, without attaching.

import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { tapDirectory } from '../control/address.js';
import { encode } from '../control/codec.js';
import type { FromTap, TapStats } from '../control/messages.js';
import { StatsJoiner } from '../control/stats-reply.js';
import { ClosedError, TapError } from '../errors.js';
import { core } from '../native/core.js';
import { type DialOptions, dial } from './dial.js';

/** A connection that asks for statistics, as often as wanted. Close it. */
export interface Observer extends Disposable {
  stats(): Promise<TapStats>;
  close(): void;
}

/** Connects to a tap as an observer: no memory, no packets. Throws as attach() does. */
export async function observe(tap: string, options: DialOptions = {}): Promise<Observer> {
  const { connection, fds, listen } = await dial(tap, { role: 'observer' }, options);
  // An observer gets no memory: whatever came is not wanted.
  for (const fd of fds) core().closeFd(fd);
  const waiting: { resolve(stats: TapStats): void; reject(error: unknown): void }[] = [];
  const joiner = new StatsJoiner();
  let closed: unknown;
  listen({
    onMessage: (message: FromTap) => {
      const whole = message.type === 'stats' ? joiner.add(message) : undefined;
      if (whole !== undefined) waiting.shift()?.resolve(whole);
    },
    onBell: () => {},
    onClose: (error) => {
      closed = error ?? new ClosedError('ERR_TAP_DIED', `the tap has gone: tap=${tap}`, { tap });
      for (const { reject } of waiting.splice(0)) reject(closed);
    },
  });
  const close = () => connection.close();
  const stats = () =>
    new Promise<TapStats>((resolve, reject) => {
      if (closed !== undefined) return reject(closed);
      waiting.push({ resolve, reject });
      connection.send(encode({ type: 'stats' }));
    });
  return { stats, close, [Symbol.dispose]: close };
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
 * Statistics of every tap of this directory that answers, by name. A socket left behind by a tap that was killed is
 * passed over. Throws ERR_TAP_PERMISSION if the directory can't be read; one that doesn't exist holds no taps.
 */
export async function listTaps(directory: string = tapDirectory()): Promise<TapStats[]> {
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
    return sockets.map((entry) => basename(entry, '.sock')).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new TapError('ERR_TAP_PERMISSION', `can't read the folder of taps: path=${directory} ${code}`, {
      path: directory,
      cause: error,
    });
  }
}
