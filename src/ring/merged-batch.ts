// A batch of each lane, walked as one: always the oldest of the packets that come next in their lanes. So packets of one
// lane keep their order, and those of all lanes are in the order of their times as far as the lanes have them by now.

import type { PacketView } from '../packet/packet-view.js';
import type { PacketBatch, RingBatch } from './packet-batch.js';
import { MergedChunk, type PacketChunk } from './packet-chunk.js';
import { SELECTION_CHUNK } from './record-selector.js';
import type { RingReader } from './ring-reader.js';

/** One lane's part of the batch. */
interface Part {
  readonly reader: RingReader;
  readonly batch: RingBatch;
}

/** So often in a row are packets kept back for those of a lane of which hardly any is chosen: it may never catch up. */
const MOST_HELD_BACK = 64;

/** Its readers' batches as one; valid as long as they are. */
export class MergedBatch implements PacketBatch, Iterator<PacketView, undefined> {
  readonly #readers: readonly RingReader[];
  readonly #chunk = new MergedChunk();
  #parts: Part[] = [];
  #left = 0;
  #heldBack = 0;
  #missedBefore = 0;
  /** Missed before batches that were not handed out. */
  #untold = 0;

  constructor(readers: readonly RingReader[]) {
    this.#readers = readers;
  }

  get missedBefore(): number {
    return this.#missedBefore;
  }

  [Symbol.iterator](): Iterator<PacketView, undefined> {
    return this;
  }

  next(): IteratorResult<PacketView, undefined> {
    const batch = this.#left > 0 ? this.#oldest() : undefined;
    if (batch === undefined) return DONE;
    this.#left--;
    return batch.next();
  }

  /** Ends where a lane has to read on: that would be over what the chunk has of it. */
  nextChunk(): PacketChunk | undefined {
    const chunk = this.#chunk;
    chunk.clear();
    while (this.#left > 0 && chunk.length < SELECTION_CHUNK) {
      if (chunk.length > 0 && this.#parts.some(({ batch }) => batch.isUsedUp)) break;
      const batch = this.#oldest();
      if (batch === undefined) break;
      chunk.add(batch);
      this.#left--;
    }
    return chunk.length > 0 ? chunk : undefined;
  }

  /** Itself, begun anew with the readers' next batches; undefined if there is nothing to read, or nothing chosen yet. */
  take(maxPackets: number): this | undefined {
    this.#chunk.clear();
    this.#parts = this.#readers.flatMap((reader) => {
      const batch = reader.take(maxPackets);
      return batch === undefined ? [] : { reader, batch };
    });
    this.#left = maxPackets;
    this.#untold += this.#parts.reduce((sum, { batch }) => sum + batch.missedBefore, 0);
    if (this.#parts.length === 0) return undefined;
    if (this.#isBehind() && ++this.#heldBack < MOST_HELD_BACK) return undefined;
    this.#heldBack = 0;
    this.#missedBefore = this.#untold;
    this.#untold = 0;
    return this;
  }

  /** Whether a lane of which nothing was chosen yet has more, which may be older than what the others have next. */
  #isBehind(): boolean {
    return this.#readers.some((reader) => reader.hasMore() && !this.#parts.some((part) => part.reader === reader));
  }

  /** The part whose next packet is the oldest. */
  #oldest(): RingBatch | undefined {
    let oldest: RingBatch | undefined;
    for (let i = 0; i < this.#parts.length; i++) {
      const { batch } = this.#parts[i]!;
      if (!batch.hasNext()) return this.#leaveOut(i) ? this.#oldest() : undefined;
      if (oldest === undefined || batch.isBefore(oldest)) oldest = batch;
    }
    return oldest;
  }

  /** Goes on without a part that is over. False: its lane has more, which may be older than what others have next. */
  #leaveOut(index: number): boolean {
    if (this.#parts[index]!.reader.hasMoreThanBatch()) return false;
    this.#parts.splice(index, 1);
    return true;
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
