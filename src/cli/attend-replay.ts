// What goes on beside a replay's packets: keys that pause and step it, and lines of statistics.

import type { SourceControl } from '../source/packet-source.js';
import type { Tap } from '../tap/tap.js';
import { KEYS_HINT, readReplayKeys } from './replay-keys.js';
import { printStatsEvery } from './stats-lines.js';

export interface AttendOptions {
  /** Whether standard input may be read for keys: it is no savefile. */
  readonly keys: boolean;
  /** Seconds between two lines of statistics. Left out: no such lines. */
  readonly stats?: number;
  readonly quiet?: true;
}

/** Until disposed of. A source without control has no keys. */
export function attendReplay(tap: Tap, control: SourceControl | undefined, options: AttendOptions): Disposable {
  const say = options.quiet ? () => {} : (line: string) => void process.stderr.write(`${line}\n`);
  const mayRead = options.keys && control !== undefined;
  const keys = mayRead ? readReplayKeys({ control, say, quit: () => tap.stop() }) : undefined;
  if (keys !== undefined) say(KEYS_HINT);
  const stats = options.stats === undefined ? undefined : printStatsEvery(options.stats, () => tap.stats());
  return {
    [Symbol.dispose]: () => {
      keys?.[Symbol.dispose]();
      stats?.[Symbol.dispose]();
    },
  };
}
