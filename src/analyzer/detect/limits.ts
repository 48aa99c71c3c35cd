// How often rules have matched, for threshold and detection_filter. Bounded: of too many counts the oldest is forgotten.

import type { PacketFacts } from '../rules/packet-facts.js';
import type { Rule, Threshold } from '../rules/rule.js';
import { addressKey } from './address-key.js';

const DEFAULT_MAX_COUNTS = 65_536;

/** One rule's matches from one source, or whatever is tracked. */
interface Count {
  sinceSec: number;
  matches: number;
}

/** Counts matches, and says whether one may be reported. */
export class Limits {
  readonly #maxCounts: number;
  readonly #counts = new Map<string, Count>();

  constructor(maxCounts = DEFAULT_MAX_COUNTS) {
    this.#maxCounts = maxCounts;
  }

  /** Counts one match. */
  allows(rule: Rule, threshold: Threshold, packet: PacketFacts): boolean {
    const count = this.#count(`${rule.gid} ${rule.sid} ${threshold.type} ${trackKey(threshold, packet)}`, packet.sec);
    if (packet.sec - count.sinceSec >= threshold.seconds) {
      count.sinceSec = packet.sec;
      count.matches = 0;
    }
    count.matches++;
    return this.#reports(threshold, count);
  }

  #reports({ type, count: wanted }: Threshold, count: Count): boolean {
    if (type === 'limit') return count.matches <= wanted;
    if (type === 'both') return count.matches === wanted;
    if (type === 'detection') return count.matches > wanted;
    if (count.matches < wanted) return false;
    count.matches = 0;
    return true;
  }

  #count(key: string, nowSec: number): Count {
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    if (this.#counts.size >= this.#maxCounts) this.#counts.delete(this.#counts.keys().next().value!);
    const count = { sinceSec: nowSec, matches: 0 };
    this.#counts.set(key, count);
    return count;
  }
}

function trackKey({ track }: Threshold, packet: PacketFacts): string {
  const source = () => addressKey(packet.ipVersion, (i) => packet.srcWord(i));
  const dest = () => addressKey(packet.ipVersion, (i) => packet.dstWord(i));
  if (track === 'by_src') return source();
  if (track === 'by_dst') return dest();
  if (track === 'by_both') return `${source()} ${dest()}`;
  return track === 'by_flow' ? String(packet.flow) : '';
}
