// What the workers of analyze and the main thread say to each other.

import type { SavedSet } from '../analyzer/datasets/datasets.js';
import type { AnomalyType } from '../analyzer/eve/anomaly-record.js';
import type { CounterTree } from '../analyzer/merge.js';
import type { SharedMemory } from '../analyzer/state/shared-state.js';
import type { Findings } from './analyze-findings.js';
import type { ConsumerFlags } from './consumer-options.js';
import type { Failure } from './failure.js';
import type { RuleFlags } from './rule-files.js';

/** What a worker is started with. */
export interface WorkerTask {
  readonly tap: string;
  readonly filter: readonly string[];
  readonly flags: ConsumerFlags & RuleFlags & AnalyzerFlags;
  /** Its number, from 1, of so many. */
  readonly index: number;
  readonly of: number;
  /** What the rules of all workers remember of addresses. */
  readonly memory: SharedMemory;
}

/** What is kept, which anomalies are told, and how alerts are. */
export interface AnalyzerFlags {
  readonly maxFlows?: number;
  readonly anomalies?: readonly AnomalyType[];
  readonly fastLog?: string;
  readonly alertPayload?: true;
}

/** The `stats` record of one worker. */
export interface StatsRecord {
  readonly timestamp: string;
  readonly event_type: string;
  readonly stats: CounterTree;
}

/** Whole lines, each with its line break. */
export interface Lines {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

/** From a worker. Each `events` is answered when it is written, so that the worker can wait if too much is not. */
export type FromWorker =
  | { readonly type: 'events'; readonly events: readonly Lines[]; readonly fastLines: readonly string[] }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'found'; readonly findings: Findings | undefined }
  | {
      readonly type: 'done';
      readonly record: StatsRecord;
      readonly findings: Findings;
      readonly hasLost: boolean;
      readonly sets: readonly SavedSet[];
    };

/** To a worker: its oldest `events` are written; tell what was found so far; read the rules anew; come to an end. */
export type ToWorker = 'written' | 'tell' | 'reload' | 'stop';
