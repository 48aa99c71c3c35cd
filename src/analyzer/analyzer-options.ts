// What an analyzer is told of how to report, how much to keep, and whether there are others.

import type { AnomalyType } from './eve/anomaly-record.js';
import type { EventsListener } from './eve/eve-writer.js';
import type { InspectionOptions } from './inspection.js';
import type { SharedState } from './state/shared-state.js';

/** How an analyzer reports, and how much it keeps. */
export interface AnalyzerOptions {
  /**
   * Called with events: lines of JSON in UTF-8, many at a time, whenever enough have come together, by flush() and by finish().
   * What it throws comes out of those, and of add() and its like, once all packets that were handed in have been looked at;
   * later events go on coming. It must not call the analyzer.
   */
  readonly onEvents: EventsListener;
  /** Flows kept at a time, 1 or more; default 262,144. Beyond it the one silent for longest ends. */
  readonly maxFlows?: number;
  /** Rules and how their alerts are told; default: none, and nothing is looked at for them. */
  readonly inspection?: InspectionOptions;
  /** Which anomalies are told as events; default: those of application layers, as with Suricata. Rules see all. */
  readonly anomalies?: readonly AnomalyType[];
  /** Which of several analyzers this is, that have shares of the same packets; default: the only one. */
  readonly share?: AnalyzerShare;
}

/**
 * One of several analyzers: number `index`, from 1, `of` so many. It looks only at what is its own by the packets' flow
 * hashes, and may be given all; with attach's `share` it is given that, and what can't be told from outside ({@link
 * ShareOwner}). Their flow ids differ.
 */
export interface AnalyzerShare {
  readonly index: number;
  readonly of: number;
  /** What their rules remember of addresses: the alerts are then those that one analyzer would give. Default: its own. */
  readonly state?: SharedState;
}
