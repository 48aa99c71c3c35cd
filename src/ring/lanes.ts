// The lanes of a tap as a consumer reads them: several rings, one stream, one set of counts, one doorbell. What is exact in
// a ring is exact in their sum.

import type { InterfaceInfo } from '../packet/interface.js';
import type { Cursor } from './cursor.js';
import { MergedBatch } from './merged-batch.js';
import type { PacketBatch } from './packet-batch.js';
import type { RingEnd, RingMemory } from './ring-memory.js';
import type { ReaderCounters, RingReader } from './ring-reader.js';
import { addCounters, type SourceCounters } from './source-counters.js';

/** A ring, and how far we have read it. */
export interface Lane {
  readonly memory: RingMemory;
  readonly cursor: Cursor;
  readonly reader: RingReader;
}

/** The worst first: what becomes of one lane becomes of the tap. */
const REASONS = ['failed', 'stopped', 'finished'] as const;

/** One lane or more, read as one. */
export class Lanes {
  readonly #lanes: readonly Lane[];
  readonly #first: Lane;
  readonly #interfaces: InterfaceInfo[] = [];
  readonly #merged: MergedBatch | undefined;

  /** At least one. */
  constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes;
    this.#first = lanes[0]!;
    this.#merged = lanes.length > 1 ? new MergedBatch(lanes.map(({ reader }) => reader)) : undefined;
  }

  /** Interfaces seen so far, the live array. */
  get interfaces(): readonly InterfaceInfo[] {
    return this.#interfaces;
  }

  /** Reads interfaces that appeared since the last call. All lanes get the same ones, not all at the same moment. */
  refreshInterfaces(): void {
    for (const { memory } of this.#lanes) {
      memory.refreshInterfaces();
      const { all } = memory.interfaces;
      for (let index = this.#interfaces.length; index < all.length; index++) this.#interfaces.push(all[index]!);
    }
  }

  /** As RingReader.take, over all lanes. */
  take(maxPackets: number): PacketBatch | undefined {
    const batch = this.#merged === undefined ? this.#first.reader.take(maxPackets) : this.#merged.take(maxPackets);
    this.refreshInterfaces();
    return batch;
  }

  /** Interfaces, if any, that the lanes' next packets are of and that nothing has been decided about. */
  undecided(): InterfaceInfo[] {
    return this.#lanes.flatMap(({ memory, reader }) =>
      reader.undecided === undefined ? [] : memory.interfaces.all[reader.undecided]!,
    );
  }

  /** Of each lane: which ring it is, and where the next packet to hand out begins. */
  places(): { readonly generation: bigint; readonly position: bigint; readonly sequence: bigint }[] {
    return this.#lanes.map(({ memory, reader }) => ({ generation: memory.generation, ...reader.place }));
  }

  /** Sequence of the next packet to hand out; undefined for several lanes, each of which has its own. */
  get nextSequence(): bigint | undefined {
    return this.#merged === undefined ? this.#first.reader.place.sequence : undefined;
  }

  release(): void {
    for (const { reader } of this.#lanes) reader.release();
  }

  hasMore(): boolean {
    return this.#lanes.some(({ reader }) => reader.hasMore());
  }

  counters(): ReaderCounters {
    return this.#lanes.map(({ reader }) => reader.counters()).reduce(addReaderCounters);
  }

  sourceCounters(): SourceCounters {
    return this.#lanes.map(({ memory }) => memory.counters()).reduce(addCounters);
  }

  /** How the tap ended; undefined while a lane is open. Once it is defined, every tail is the last. */
  end(): RingEnd | undefined {
    const ends = this.#lanes.flatMap(({ memory }) => memory.end() ?? []);
    if (ends.length < this.#lanes.length) return undefined;
    return ends.reduce((one, other) => (REASONS.indexOf(other.reason) < REASONS.indexOf(one.reason) ? other : one));
  }

  /** Asks to be rung when any lane is published to. Look whether there is more once more after this. */
  sleep(): void {
    this.#first.cursor.sleep();
  }

  /** Takes the request back. */
  wake(): void {
    this.#first.cursor.wake();
  }

  /** Makes the views refuse every further use; the memory is about to go. */
  close(): void {
    for (const { reader } of this.#lanes) reader.close();
  }
}

/** The sum of two. */
export function addReaderCounters(one: ReaderCounters, other: ReaderCounters): ReaderCounters {
  return {
    delivered: one.delivered + other.delivered,
    filtered: one.filtered + other.filtered,
    missed: one.missed + other.missed,
    lag: one.lag + other.lag,
    overwritten: one.overwritten + other.overwritten,
  };
}
