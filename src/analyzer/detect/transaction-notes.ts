// What the detector remembers of a transaction, in each direction: it is kept with the transaction, and goes with it.

import type { Transaction, TransactionMemory } from '../app/app-types.js';
import type { TransactionGroup } from './transaction-group.js';

const NO_RULES: readonly number[] = [];

/** What has been seen and reported of a transaction in one direction, by one set of rules. */
export class TransactionNotes implements TransactionMemory {
  readonly group: TransactionGroup;
  // No rule matches most transactions: these two are made when one does.
  #matched: number[] | undefined;
  #pending: number[] | undefined;
  /** Bytes of each buffer of the group when it was last looked at. */
  readonly #lengths: number[];

  constructor(group: TransactionGroup) {
    this.group = group;
    this.#lengths = new Array(group.buffers.length).fill(0);
  }

  forget(): void {
    this.#matched = undefined;
    this.#pending = undefined;
    this.#lengths.fill(0);
  }

  /** Rules that have matched don't match again. */
  beginAnew(): void {
    this.#lengths.fill(0);
  }

  /** Rules that may match once more is known: what they look for first was found. */
  get pending(): readonly number[] {
    return this.#pending ?? NO_RULES;
  }

  /** Whether the buffer was there when it was last looked at. */
  hasSeen(buffer: number): boolean {
    return this.#lengths[buffer]! > 0;
  }

  /** Bytes that were looked at of a buffer of which there is but one. */
  lengthOf(buffer: number): number {
    return Math.max(0, this.#lengths[buffer]! - 1);
  }

  /** Whether there is more of the buffer than when it was last looked at; takes note of it. */
  hasGrown(buffer: number, bytes: readonly Uint8Array[]): boolean {
    let length = 0;
    for (const { length: more } of bytes) length += more + 1;
    const before = this.#lengths[buffer]!;
    this.#lengths[buffer] = length;
    return length !== before;
  }

  /** It is not tried again. */
  hasMatched(rule: number): boolean {
    return this.#matched?.includes(rule) === true;
  }

  add(rule: number): void {
    this.#pending ??= [];
    if (!this.#pending.includes(rule)) this.#pending.push(rule);
  }

  /** It has matched. */
  settle(rule: number): void {
    this.#matched ??= [];
    this.#matched.push(rule);
    const at = this.pending.indexOf(rule);
    if (at >= 0) this.#pending!.splice(at, 1);
  }
}

/** The notes on this direction; new ones if there are none yet, or only those of other rules. */
export function notesOn(tx: Transaction, direction: number, group: TransactionGroup): TransactionNotes {
  tx.notes ??= [];
  const known = tx.notes[direction] as TransactionNotes | undefined;
  if (known?.group === group) return known;
  const notes = new TransactionNotes(group);
  tx.notes[direction] = notes;
  return notes;
}
