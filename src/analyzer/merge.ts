// What several analyzers, each with a share of the same packets, saw together: their statistics and their summaries.

import type { AlertCount, AnalyzerSummary } from './summary.js';
import type { Talker } from './talkers.js';

/** A tree of counters, as `stats` records have it. */
export interface CounterTree {
  [name: string]: number | CounterTree;
}

/** The lists of a summary have no more. */
const TOP = 10;

/** Counters added up. Those that are of the whole tap, or a maximum, are the largest of them; the average is worked out anew. */
export function mergeStats(trees: readonly CounterTree[]): CounterTree {
  const merged = trees.reduce((sum, tree) => added(sum, tree, ''), {});
  const decoder = merged.decoder;
  if (typeof decoder === 'object') {
    decoder.avg_pkt_size = Math.floor(numberOf(decoder.bytes) / Math.max(1, numberOf(decoder.pkts)));
  }
  return merged;
}

/**
 * Summaries added up. Rules and addresses that one of them did not name may be missing, and make the others' sums lower
 * bounds: so they should have more `rows` than are told.
 */
export function mergeSummaries(summaries: readonly AnalyzerSummary[], rows = TOP): AnalyzerSummary {
  const sum = (pick: (summary: AnalyzerSummary) => number) => summaries.reduce((all, one) => all + pick(one), 0);
  const times = summaries.filter(({ first }) => first !== undefined);
  const byFirst = times.toSorted((a, b) => a.first!.sec - b.first!.sec || a.first!.nsec - b.first!.nsec);
  const byLast = times.toSorted((a, b) => a.last!.sec - b.last!.sec || a.last!.nsec - b.last!.nsec);
  return {
    packets: sum(({ packets }) => packets),
    bytes: sum(({ bytes }) => bytes),
    truncated: sum(({ truncated }) => truncated),
    fragments: sum(({ fragments }) => fragments),
    first: byFirst[0]?.first,
    last: byLast.at(-1)?.last,
    protocols: mergedCounts(summaries.map(({ protocols }) => protocols)),
    applications: mergedCounts(summaries.map(({ applications }) => applications)),
    malformed: mergedCounts(summaries.map(({ malformed }) => malformed)),
    flows: {
      total: sum(({ flows }) => flows.total),
      active: sum(({ flows }) => flows.active),
      forced: sum(({ flows }) => flows.forced),
    },
    forgotten: Math.max(...summaries.map(({ forgotten }) => forgotten)),
    alerts: mergedAlerts(summaries.flatMap(({ alerts }) => alerts)),
    talkers: mergedTalkers(summaries.flatMap(({ talkers }) => talkers)),
    talkersExact: summaries.every(
      ({ talkersExact, talkers }) => talkersExact && (summaries.length === 1 || talkers.length < rows),
    ),
  };
}

/** `group`: the name at the root that the tree stands under; empty at the root. */
function added(sum: CounterTree, tree: CounterTree, group: string): CounterTree {
  const result: CounterTree = { ...sum };
  for (const [name, value] of Object.entries(tree)) {
    const before = result[name];
    if (typeof value === 'object') result[name] = added(typeof before === 'object' ? before : {}, value, group || name);
    else if (isShared(group, name)) result[name] = Math.max(numberOf(before), value);
    else result[name] = numberOf(before) + value;
  }
  return result;
}

/** What the tap's source lost, what their rules lost, and what became of fragments, which all see, is the same for all. */
function isShared(group: string, name: string): boolean {
  return (
    group === 'capture' || group === 'defrag' || name === 'uptime' || name === 'forgotten' || name.startsWith('max_')
  );
}

function numberOf(value: number | CounterTree | undefined): number {
  return typeof value === 'number' ? value : 0;
}

function mergedCounts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) merged[name] = (merged[name] ?? 0) + count;
  }
  return merged;
}

function mergedAlerts(all: readonly AlertCount[]): AlertCount[] {
  const merged = new Map<string, AlertCount>();
  for (const { rule, count } of all) {
    const key = `${rule.gid} ${rule.sid}`;
    merged.set(key, { rule, count: (merged.get(key)?.count ?? 0) + count });
  }
  return [...merged.values()].sort((a, b) => b.count - a.count || a.rule.sid - b.rule.sid).slice(0, TOP);
}

function mergedTalkers(all: readonly Talker[]): Talker[] {
  const merged = new Map<string, Talker>();
  for (const { address, packets, bytes } of all) {
    const before = merged.get(address) ?? { packets: 0, bytes: 0 };
    merged.set(address, { address, packets: before.packets + packets, bytes: before.bytes + bytes });
  }
  return [...merged.values()].sort((a, b) => b.bytes - a.bytes || (a.address < b.address ? -1 : 1)).slice(0, TOP);
}
