// Choosing among the records of a ring: what a reader asks of whoever does it, a stretch at a time. The ring's reader checks
// afterwards that the stretch was whole while it was looked at, and counts what was passed over.

import type { InterfaceInfo } from '../packet/interface.js';

/** A pass selects no more records than this: those that the reader checks together. */
export const SELECTION_CHUNK = 64;

/** Words of a selector's results, as `struct Pass` of native/core/selection.h has them: four arrays, then these. */
export const PassWord = {
  /** Records selected. */
  count: 4 * SELECTION_CHUNK,
  /** Records looked at, selected or not. */
  examined: 4 * SELECTION_CHUNK + 1,
  /** Offset of the first record that was not looked at. */
  next: 4 * SELECTION_CHUNK + 2,
  /** One of {@link PassEnd}. */
  end: 4 * SELECTION_CHUNK + 3,
  /** For `PassEnd.undecided`: the interface. */
  undecided: 4 * SELECTION_CHUNK + 4,
  /** Matching packets since the last that sampling let through; carried from one pass to the next. */
  matches: 4 * SELECTION_CHUNK + 5,
} as const;

export const PASS_BYTES = 4 * (4 * SELECTION_CHUNK + 6);

/** Why a pass ended: nothing left or enough selected; a record that can't be; one of an interface not decided about. */
export const PassEnd = { done: 0, corrupt: 1, undecided: 2 } as const;

/** Chooses records. */
export interface RecordSelector {
  /** The results of the last pass: offsets, caplens (cut to snaplen), interfaces, ordinals in the pass; {@link PassWord}. */
  readonly results: Uint32Array;
  /** Of the packets that match, each so-manieth is selected. */
  readonly sample: number;
  /** Decides about interfaces that have appeared; those that need a filter compiled first stay undecided. */
  refresh(interfaces: readonly InterfaceInfo[]): void;
  /** Looks at records from the offset `from` on, that begin before `softEnd` and end by `hardEnd`, for `max` that match. */
  select(from: number, softEnd: number, hardEnd: number, max: number): void;
}
