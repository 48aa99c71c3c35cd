// What the workers of analyze and the main thread say to each other.

import type { CounterTree } from '../analyzer/merge.js';
import type { SharedMemory } from '../analyzer/state/shared-state.js';
import type { AnalyzerSummary } from '../analyzer/summary.js';
import type { ConsumerCounters } from '../consumer/consumer.js';
import type { ConsumerFlags } from './consumer-options.js';
import type { Failure } from './failure.js';
import type { RuleFlags } from './rule-files.js';

/** What a worker is started with. */
export interface WorkerTask {
  readonly tap: string;
  readonly filter: readonly string[];
  readonly flags: ConsumerFlags & RuleFlags & AlertFlags & { readonly maxFlows?: number };
  /** Its number, from 1, of so many. */
  readonly index: number;
  readonly of: number;
  /** What the rules of all workers remember of addresses. */
  readonly memory: SharedMemory;
}

/** How alerts are told. */
export interface AlertFlags {
  readonly fastLog?: string;
  readonly alertPayload?: true;
}

/** The `stats` record of one worker. */
export interface StatsRecord {
  readonly timestamp: string;
  readonly event_type: string;
  readonly stats: CounterTree;
}

/** From a worker. It waits for an answer to each `events`, so that what is not written yet doesn't pile up. */
export type FromWorker =
  | { readonly type: 'events'; readonly lines: readonly string[]; readonly fastLines: readonly string[] }
  | { readonly type: 'failed'; readonly failure: Failure }
  | ({ readonly type: 'done'; readonly record: StatsRecord } & WorkerFindings);

/** What a worker saw, and what it missed. */
export interface WorkerFindings {
  readonly summary: AnalyzerSummary;
  readonly counters: ConsumerCounters;
}

/** To a worker: its events are written; read the rules anew; come to an end. */
export type ToWorker = 'written' | 'reload' | 'stop';
