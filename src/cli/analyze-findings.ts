// What analyze tells at its end, and on SIGUSR1 while it goes on: the summary of all its workers together, and the losses.

import type { Analyzer } from '../analyzer/analyzer.js';
import { mergeSummaries } from '../analyzer/merge.js';
import { type AnalyzerSummary, renderSummary } from '../analyzer/summary.js';
import type { Consumer, ConsumerCounters } from '../consumer/consumer.js';
import { countersLine } from './consumer-options.js';

/** What one worker found. */
export interface Findings {
  readonly summary: AnalyzerSummary;
  readonly counters: ConsumerCounters;
  /** Packets that were this worker's to look at. */
  readonly taken: number;
  /** Sequences of the packets that it began with, and that it would come to next; undefined if that can't be told. */
  readonly began: number | undefined;
  readonly reached: number | undefined;
}

/** Rows of a list that is going to be put together with others' and cut to what is told. */
const ROWS_OF_PART = 4096;

/** Takes the findings of one analyzer; `began`: its consumer's place when it attached. */
export function findingsOf(analyzer: Analyzer, consumer: Consumer, began: bigint | undefined): Findings {
  const { nextSequence } = consumer;
  return {
    summary: analyzer.summary(ROWS_OF_PART),
    counters: consumer.counters(),
    taken: analyzer.taken,
    began: began === undefined ? undefined : Number(began),
    reached: nextSequence === undefined ? undefined : Number(nextSequence),
  };
}

/** Lines for a person, without a final line break. `more`: other losses. */
export function findingsText(all: readonly Findings[], more: readonly string[] = []): string {
  const summaries = all.map((found) => found.summary);
  return [renderSummary(mergeSummaries(summaries, ROWS_OF_PART)), countersLine(countersOf(all)), ...more].join('\n');
}

/** Of one worker its own. What the source counts is the same for all. */
export function countersOf(all: readonly Findings[]): ConsumerCounters {
  const [first] = all;
  if (all.length === 1) return first!.counters;
  const largest = (pick: (found: Findings) => number) => Math.max(...all.map(pick));
  return {
    source: first!.counters.source,
    delivered: sum(all, ({ taken }) => taken),
    // Each worker's are mostly the others' packets.
    filtered: 0,
    missed: missedOf(all),
    lag: largest(({ counters }) => counters.lag),
    overwritten: sum(all, ({ counters }) => counters.overwritten),
    gaps: largest(({ counters }) => counters.gaps),
  };
}

/**
 * Packets that no worker looked at because they were overwritten. A worker that is lapped can't see whose the packets were
 * that it missed: so their sum is too large, but what all have taken together tells how many there can be at most. That is
 * exact at the tap's end, if there is no filter.
 */
export function missedOf(all: readonly Findings[]): number {
  const atMost = sum(all, ({ counters }) => counters.missed);
  const began = all.map((found) => found.began ?? Number.NaN);
  const reached = all.map((found) => found.reached ?? Number.NaN);
  const notTaken = Math.max(...reached) - Math.min(...began) - sum(all, ({ taken }) => taken);
  const canTell = notTaken >= 0 && all.every(({ counters }) => counters.gaps === 0);
  return canTell ? Math.min(atMost, notTaken) : atMost;
}

function sum(all: readonly Findings[], pick: (found: Findings) => number): number {
  return all.reduce((total, found) => total + pick(found), 0);
}
