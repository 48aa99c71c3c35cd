// What the detector remembers of a flow. Made when there is something to remember, gone with the flow.

import type { Transaction } from '../app/app-types.js';
import type { FlowCounts } from './limits.js';
import { StreamWindow } from './stream-window.js';

/** What has been seen and reported of a transaction. */
export interface TransactionNotes {
  /** Rules that have matched, times two, plus the direction. */
  readonly matched: Set<number>;
  /** Rules that may match once more is known: what they look for first was found. */
  readonly pending: Set<number>;
  /** Bytes of each buffer when it was last looked at. */
  readonly lengths: Map<string, number>;
}

/** One flow. */
export class FlowNotes {
  readonly bits = new Set<string>();
  readonly counts: FlowCounts = new Map();
  /** A pass rule has let the whole flow go. */
  passed = false;
  /** Rules that match once in each direction and have: times two, plus the direction. */
  readonly once = new Set<number>();
  readonly streams = [new StreamWindow(), new StreamWindow()] as const;
  readonly #transactions = new WeakMap<Transaction, TransactionNotes>();

  of(tx: Transaction): TransactionNotes {
    const known = this.#transactions.get(tx);
    if (known !== undefined) return known;
    const notes = { matched: new Set<number>(), pending: new Set<number>(), lengths: new Map<string, number>() };
    this.#transactions.set(tx, notes);
    return notes;
  }
}
