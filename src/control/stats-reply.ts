// Statistics of a tap with many consumers don't fit into one message: they go in parts, each with some of the consumers.

import type { ConsumerStats, StatsReply, TapStats } from './messages.js';

/** With the longest names and source, a part stays below the largest message. */
const CONSUMERS_PER_PART = 32;

/** The messages that carry these statistics, in order; at least one. */
export function splitStats(stats: TapStats): StatsReply[] {
  const { consumers } = stats;
  const parts = Math.max(1, Math.ceil(consumers.length / CONSUMERS_PER_PART));
  return Array.from({ length: parts }, (_, part) => ({
    type: 'stats',
    stats: { ...stats, consumers: consumers.slice(part * CONSUMERS_PER_PART, (part + 1) * CONSUMERS_PER_PART) },
    more: part + 1 < parts,
  }));
}

/** Puts the parts together again. */
export class StatsJoiner {
  #consumers: ConsumerStats[] = [];

  /** The whole, once the last part has come. */
  add({ stats, more }: StatsReply): TapStats | undefined {
    this.#consumers.push(...stats.consumers);
    if (more) return undefined;
    const consumers = this.#consumers;
    this.#consumers = [];
    return { ...stats, consumers };
  }
}
