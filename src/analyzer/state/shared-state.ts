// What analyzers of one tap's shares have in common: the counts and bits that rules keep of addresses, and whose turn it is.

import { AddressTable, makeTableMemory, unlockFor } from './address-table.js';
import { leaveTurns, makeTurnsMemory, Turns } from './turns.js';

/** The memory, which can be handed to other threads. */
export interface SharedMemory {
  readonly counts: SharedArrayBuffer;
  readonly bits: SharedArrayBuffer;
  readonly turns: SharedArrayBuffer;
}

/** Memory for so many analyzers. */
export function makeSharedMemory(of = 1): SharedMemory {
  return { counts: makeTableMemory(), bits: makeTableMemory(), turns: makeTurnsMemory(of) };
}

/** For the thread of an analyzer that has ended, however it did: the others don't wait for it. `index`: from 1. */
export function leaveFor({ counts, bits, turns }: SharedMemory, index: number): void {
  leaveTurns(turns, index);
  unlockFor(counts, index);
  unlockFor(bits, index);
}

/** One analyzer's hold on it. */
export class SharedState {
  readonly counts: AddressTable;
  readonly bits: AddressTable;
  readonly turns: Turns;

  /** Analyzer number `index`, from 1, `of` so many. */
  constructor(memory: SharedMemory = makeSharedMemory(), index = 1, of = 1) {
    this.turns = new Turns(memory.turns, index, of);
    this.counts = new AddressTable(memory.counts, index, this.turns);
    this.bits = new AddressTable(memory.bits, index, this.turns);
  }

  /** What was forgotten for lack of room, of all analyzers together. */
  get forgotten(): number {
    return this.counts.forgotten + this.bits.forgotten;
  }
}
