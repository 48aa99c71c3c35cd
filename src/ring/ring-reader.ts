// Reads a ring: hands out batches, notices when the tap has lapped us, and counts exactly what was missed. Pure and
// synchronous; waiting for more is the consumer's business. One reader per cursor, one thread.

import { RingError } from '../errors.js';
import { type PacketMemory, PacketView } from '../packet/packet-view.js';
import type { Cursor } from './cursor.js';
import { BLOCK_SHIFT } from './layout.js';
import { type BatchOwner, RingBatch } from './packet-batch.js';
import type { RingMemory } from './ring-memory.js';

/** Bytes of ring that one batch spans at most: small enough to stay in the cache and to free the ring in steps. */
const BATCH_BYTES = 256 * 1024;

/** After being lapped, start this part of the ring ahead of the oldest packet, or the tap laps us again at once. */
const LAPPED_MARGIN_SHIFT = 3;

/** Looking for an intact record fails only if the tap writes most of a ring meanwhile; not this often. */
const MAX_ATTEMPTS = 1000;

/** Where a reader begins: the position and sequence that the tap assigned. */
export interface ReaderStart {
  readonly position: bigint;
  readonly sequence: bigint;
}

/** A consumer's counts since it attached. Always: published since then = delivered + missed + lag. */
export interface ReaderCounters {
  /** Packets handed out. */
  readonly delivered: number;
  /** Packets that were overwritten before they could be handed out. */
  readonly missed: number;
  /** Packets published but not yet handed out. */
  readonly lag: number;
  /** Of the delivered, those that may have been overwritten while they were looked at: `isIntact()` tells which. */
  readonly overwritten: number;
}

/** Reads one ring from one position on. */
export class RingReader {
  readonly #memory: RingMemory;
  readonly #cursor: Cursor;
  readonly #batch: RingBatch;
  readonly #packet: PacketView;
  readonly #firstSequence: bigint;
  /** Position and sequence of the next packet to hand out. */
  #position: bigint;
  #delivered = 0;
  #missed = 0;
  #overwritten = 0;
  /** Missed since the last batch: told with the next one. */
  #missedNow = 0;
  #open = false;
  /** Position that the byte offset in #batchOffset stands for. */
  #batchPosition = 0n;
  #batchOffset = 0;

  constructor(memory: RingMemory, cursor: Cursor, start: ReaderStart) {
    this.#memory = memory;
    this.#cursor = cursor;
    this.#position = start.position;
    this.#firstSequence = start.sequence;
    const owner: BatchOwner & PacketMemory = {
      bytes: memory.bytes,
      words: memory.words,
      view: memory.view,
      interfaces: memory.interfaces.all,
      isIntact: (offset) => this.#isIntact(offset),
      countOverwritten: (offsets, count) => this.#countOverwritten(offsets, count),
    };
    this.#packet = new PacketView(owner);
    this.#batch = new RingBatch(owner, this.#packet);
  }

  /**
   * The next batch, of at most `maxPackets` packets; undefined if nothing is there now. Ends the batch before: what was
   * handed out of it may be overwritten from now on, what wasn't comes again.
   */
  take(maxPackets: number): RingBatch | undefined {
    this.release();
    if (!this.hasMore()) return undefined;
    if (this.#isLapped()) this.#skipToIntact();
    const start = this.#memory.offsetOf(this.#position);
    // No more than the ring holds: a tap that overtakes us right now may have gone further already.
    const available = Math.min(Number(this.#memory.tail - this.#position), this.#memory.capacity);
    // ORDERING: after the tail. An interface is in the table before the first of its packets is published.
    this.#memory.refreshInterfaces();
    this.#batchPosition = this.#position;
    this.#batchOffset = start;
    this.#batch.reset(
      start,
      start + Math.min(available, BATCH_BYTES),
      start + available,
      maxPackets,
      this.#sequence(),
      this.#missedNow,
    );
    this.#missedNow = 0;
    this.#open = true;
    return this.#batch;
  }

  /** Ends the current batch, if there is one, and tells the tap how far we are. */
  release(): void {
    if (!this.#open) return;
    this.#open = false;
    const { taken, next, overwritten } = this.#batch.finish();
    this.#delivered += taken;
    this.#overwritten += overwritten;
    this.#position = this.#batchPosition + BigInt(next - this.#batchOffset);
    this.#cursor.advance(this.#position, this.#delivered, this.#missed);
  }

  /** Whether packets are waiting beyond those handed out. */
  hasMore(): boolean {
    return this.#memory.tail !== this.#position;
  }

  /** Whether more is published than the current batch has looked at. */
  hasMoreThanBatch(): boolean {
    return this.#memory.tail !== this.#batchPosition + BigInt(this.#batch.ahead - this.#batchOffset);
  }

  /** Counts as of now; exact between batches, and within one as of its beginning. */
  counters(): ReaderCounters {
    const published = Number(this.#memory.sequence - this.#firstSequence);
    const lag = published - this.#delivered - this.#missed;
    return { delivered: this.#delivered, missed: this.#missed, lag, overwritten: this.#overwritten };
  }

  /** Makes the view refuse every further use; the memory is about to go. */
  close(): void {
    this.#packet.close();
  }

  /** Sequence of the next packet to hand out. */
  #sequence(): bigint {
    return this.#firstSequence + BigInt(this.#delivered + this.#missed);
  }

  #isLapped(): boolean {
    return this.#position + BigInt(this.#memory.capacity) < this.#memory.tailIntent;
  }

  /** ORDERING: the fence keeps the reads of the record before the load of tailIntent. Partner: RingWriter::extend. */
  #isIntact(offset: number): boolean {
    this.#cursor.fence();
    const position = this.#batchPosition + BigInt(offset - this.#batchOffset);
    return position + BigInt(this.#memory.capacity) >= this.#memory.tailIntent;
  }

  #countOverwritten(offsets: Uint32Array, count: number): number {
    this.#cursor.fence();
    const intact = this.#memory.tailIntent - BigInt(this.#memory.capacity);
    if (this.#batchPosition >= intact) return 0;
    const firstIntact = this.#batchOffset + Number(intact - this.#batchPosition);
    let overwritten = 0;
    while (overwritten < count && offsets[overwritten]! < firstIntact) overwritten++;
    return overwritten;
  }

  /** Goes on at the oldest packet that will still be there in a moment, and counts what lies between. */
  #skipToIntact(): void {
    const { position, sequence } = this.#findIntact();
    const missed = Number(sequence - this.#sequence());
    if (missed < 0 || sequence > this.#memory.sequence) {
      throw new RingError(
        'ERR_TAP_RING',
        `impossible sequence in a checkpoint: ${sequence}; the tap is broken or hostile`,
      );
    }
    this.#missed += missed;
    this.#missedNow += missed;
    this.#position = position;
    this.#cursor.advance(this.#position, this.#delivered, this.#missed);
  }

  #findIntact(): ReaderStart {
    const memory = this.#memory;
    const capacity = BigInt(memory.capacity);
    const shift = BigInt(BLOCK_SHIFT);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const tail = memory.tail;
      const oldest = memory.tailIntent - capacity + (capacity >> BigInt(LAPPED_MARGIN_SHIFT));
      for (let block = oldest >> shift; block <= tail >> shift; block++) {
        const found = memory.checkpoint(block);
        if (found === undefined || found.position >= tail) continue;
        // The entry is true only if its block was still intact after it had been read.
        if (found.position + capacity >= memory.tailIntent) return found;
        break;
      }
    }
    throw new RingError('ERR_TAP_RING', 'no intact record to go on at: the tap is broken or hostile');
  }
}
