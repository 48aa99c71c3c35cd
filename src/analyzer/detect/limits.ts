// How often rules have matched, for threshold and detection_filter: by flow, as long as that goes on, or by address, in a
// table that may be several analyzers'.

import type { PacketFacts } from '../rules/packet-facts.js';
import type { Rule, Threshold } from '../rules/rule.js';
import type { AddressTable, TableRecord } from '../state/address-table.js';
import { type KeyAddresses, TableKey } from '../state/table-key.js';

/** What is counted of a flow, by rule. */
export type FlowCounts = Map<string, TableRecord>;

const TYPES: readonly Threshold['type'][] = ['limit', 'threshold', 'both', 'detection'];
const TRACKS: readonly Threshold['track'][] = ['by_src', 'by_dst', 'by_both', 'by_rule', 'by_flow'];
const ADDRESSES: Readonly<Record<Threshold['track'], KeyAddresses>> = {
  by_src: 'source',
  by_dst: 'dest',
  by_both: 'either',
  by_rule: 'none',
  by_flow: 'none',
};

/** Counts matches, and says whether one may be reported. */
export class Limits {
  readonly #table: AddressTable;
  readonly #key = new TableKey();

  constructor(table: AddressTable) {
    this.#table = table;
  }

  /** Counts one match. `ofFlow`: what was counted of its flow. */
  allows(rule: Rule, threshold: Threshold, packet: PacketFacts, ofFlow: () => FlowCounts): boolean {
    if (threshold.track === 'by_flow' && packet.flow >= 0) return allowsInFlow(rule, threshold, packet, ofFlow());
    const kind = TYPES.indexOf(threshold.type) * TRACKS.length + TRACKS.indexOf(threshold.track);
    const key = this.#key.fill(packet, ADDRESSES[threshold.track], [rule.gid, rule.sid], kind);
    const now = timeOf(packet);
    const match = () => this.#table.find(key) ?? this.#table.add(key, now);
    return this.#table.use(() => allows(threshold, match(), now));
  }
}

function allowsInFlow(rule: Rule, threshold: Threshold, packet: PacketFacts, counts: FlowCounts): boolean {
  const sec = timeOf(packet);
  const name = `${rule.gid} ${rule.sid} ${threshold.type}`;
  const match = counts.get(name) ?? { count: 0, sinceSec: sec, untilSec: sec };
  counts.set(name, match);
  return allows(threshold, match, sec);
}

/** To the microsecond, or nearly: windows end within a second. */
function timeOf({ sec, nsec }: PacketFacts): number {
  return sec + nsec / 1e9;
}

function allows({ type, count: wanted, seconds }: Threshold, match: TableRecord, nowSec: number): boolean {
  if (nowSec - match.sinceSec > seconds) {
    match.sinceSec = nowSec;
    match.count = 0;
  }
  match.untilSec = match.sinceSec + seconds;
  match.count++;
  if (type === 'limit') return match.count <= wanted;
  if (type === 'both') return match.count === wanted;
  if (type === 'detection') return match.count > wanted;
  if (match.count < wanted) return false;
  match.count = 0;
  return true;
}
