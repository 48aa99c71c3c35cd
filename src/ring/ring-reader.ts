// Reads a ring: hands out batches, notices when the tap has lapped us, and counts exactly what was missed. Pure and
// synchronous; waiting for more is the consumer's business. One reader per cursor, one thread.

import { RingError } from '../errors.js';
import { type PacketMemory, PacketView } from '../packet/packet-view.js';
import type { Cursor } from './cursor.js';
import { FETCH_WALKS, fetchHeaders, HEADERS_END } from './fetch-ahead.js';
import { BLOCK_SHIFT } from './layout.js';
import { type BatchOwner, RingBatch } from './packet-batch.js';
import type { RecordSelector } from './record-selector.js';
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
  /** Packets before, since where the reader wanted to resume, that are gone: they count as missed. Default 0. */
  readonly missed?: number | undefined;
}

/** Which packets a reader hands out. */
export interface ReaderChoices {
  /** Default: all. */
  readonly selector?: RecordSelector | undefined;
  /** Skip to the newest packets when more are waiting than a batch holds. Default: read on, as long as the ring has them. */
  readonly newest?: boolean;
}

/** A consumer's counts since it attached. Always: published since then = delivered + filtered + missed + lag. */
export interface ReaderCounters {
  /** Packets handed out. */
  readonly delivered: number;
  /** Packets that its filter, its sampling or its choice of interfaces passed over. */
  readonly filtered: number;
  /** Packets that were overwritten before they could be handed out, or skipped by the policy `newest`. */
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
  readonly #choices: ReaderChoices;
  /** Position and sequence of the next packet to hand out. */
  #position: bigint;
  #delivered = 0;
  #filtered = 0;
  #missed = 0;
  #overwritten = 0;
  /** Missed since the last batch: told with the next one. */
  #missedNow = 0;
  #undecided: number | undefined;
  #open = false;
  /** Where fetching begins. */
  readonly #starts = new Float64Array(FETCH_WALKS);
  /** Position that the byte offset in #batchOffset stands for. */
  #batchPosition = 0n;
  /** Its halves. */
  #batchHigh = 0;
  #batchLow = 0;
  #batchOffset = 0;

  constructor(memory: RingMemory, cursor: Cursor, start: ReaderStart, choices: ReaderChoices = {}) {
    this.#memory = memory;
    this.#cursor = cursor;
    this.#choices = choices;
    this.#position = start.position;
    const { missed = 0 } = start;
    this.#firstSequence = start.sequence - BigInt(missed);
    this.#missed = this.#missedNow = missed;
    const owner: BatchOwner & PacketMemory = {
      bytes: memory.bytes,
      words: memory.words,
      view: memory.view,
      interfaces: memory.interfaces.all,
      selector: choices.selector,
      isIntact: (offset) => this.#isIntact(offset),
      countOverwritten: (offsets, count) => this.#countOverwritten(offsets, count),
    };
    this.#packet = new PacketView(owner);
    this.#batch = new RingBatch(owner, this.#packet);
  }

  /**
   * The next batch, of at most `maxPackets` packets; undefined if nothing is there now, or nothing that was chosen:
   * {@link RingReader.hasMore} tells. Ends the batch before: what was handed out of it may be overwritten from now on, what
   * wasn't comes again.
   */
  take(maxPackets: number): RingBatch | undefined {
    this.release();
    this.#undecided = undefined;
    if (!this.hasMore()) return undefined;
    if (this.#isLapped()) this.#skipTo(this.#findIntact());
    else if (this.#choices.newest) this.#skipToNewest(maxPackets);
    const start = this.#memory.offsetOf(this.#position);
    // No more than the ring holds: a tap that overtakes us right now may have gone further already.
    const available = Math.min(Number(this.#memory.tail - this.#position), this.#memory.capacity);
    // ORDERING: after the tail. An interface is in the table before the first of its packets is published.
    this.#memory.refreshInterfaces();
    this.#choices.selector?.refresh(this.#memory.interfaces.all);
    this.#batchPosition = this.#position;
    this.#batchHigh = Number(BigInt.asUintN(64, this.#position) >> 32n);
    this.#batchLow = Number(BigInt.asUintN(32, this.#position));
    this.#batchOffset = start;
    this.#batch.reset(
      start,
      start + Math.min(available, BATCH_BYTES),
      start + available,
      maxPackets,
      this.#sequence(),
      this.#missedNow,
    );
    this.#open = true;
    if (available >= BATCH_BYTES) this.#fetch(start);
    if (this.#choices.selector !== undefined && !this.#batch.hasNext()) {
      this.#undecided = this.#batch.undecided;
      this.release();
      return undefined;
    }
    this.#missedNow = 0;
    return this.#batch;
  }

  /** The interface, if any, of the next packet, when nothing has been decided about it: take() goes on once it has. */
  get undecided(): number | undefined {
    return this.#undecided;
  }

  /** Ends the current batch, if there is one, and tells the tap how far we are. */
  release(): void {
    if (!this.#open) return;
    this.#open = false;
    const { taken, filtered, next, overwritten } = this.#batch.finish();
    this.#delivered += taken;
    this.#filtered += filtered;
    this.#overwritten += overwritten;
    this.#position = this.#batchPosition + BigInt(next - this.#batchOffset);
    this.#advance();
  }

  /** Where the next packet to hand out begins: within a batch, where that begins. */
  get place(): ReaderStart {
    return { position: this.#position, sequence: this.#sequence() };
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
    const lag = published - this.#delivered - this.#filtered - this.#missed;
    return {
      delivered: this.#delivered,
      filtered: this.#filtered,
      missed: this.#missed,
      lag,
      overwritten: this.#overwritten,
    };
  }

  /** Makes the view refuse every further use; the memory is about to go. */
  close(): void {
    this.#packet.close();
  }

  /** Of a long batch the headers are fetched, in stretches that begin where the tap says that records do. */
  #fetch(start: number): void {
    const starts = this.#starts;
    starts[0] = start;
    const block = this.#position >> BigInt(BLOCK_SHIFT);
    for (let i = 1; i < starts.length; i++) {
      const found = this.#memory.checkpoint(block + BigInt(i));
      if (found === undefined) return;
      starts[i] = start + Number(found.position - this.#position);
    }
    fetchHeaders(this.#memory.words, starts, start + BATCH_BYTES - HEADERS_END);
  }

  /** Sequence of the next packet to hand out. */
  #sequence(): bigint {
    return this.#firstSequence + BigInt(this.#delivered + this.#filtered + this.#missed);
  }

  #isLapped(): boolean {
    return this.#position + BigInt(this.#memory.capacity) < this.#memory.tailIntent;
  }

  /** ORDERING: the fence keeps the reads of the record before the load of tailIntent. Partner: RingWriter::extend. */
  #isIntact(offset: number): boolean {
    this.#cursor.fence();
    const beyond = this.#memory.intentBeyond(this.#batchHigh, this.#batchLow);
    return beyond - (offset - this.#batchOffset) <= this.#memory.capacity;
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

  #advance(): void {
    this.#cursor.advance(this.#position, {
      delivered: this.#delivered,
      missed: this.#missed,
      filtered: this.#filtered,
    });
  }

  /** Goes on at a later record, and counts what lies between. */
  #skipTo({ position, sequence }: ReaderStart): void {
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
    this.#advance();
  }

  /** With more waiting than a batch holds: goes to the newest checkpoint, if it lies ahead and is whole. */
  #skipToNewest(maxPackets: number): void {
    const { tail } = this.#memory;
    if (tail - this.#position <= BigInt(BATCH_BYTES) && this.counters().lag <= maxPackets) return;
    const shift = BigInt(BLOCK_SHIFT);
    for (let block = tail >> shift; block > this.#position >> shift; block--) {
      const found = this.#memory.checkpoint(block);
      if (found === undefined || found.position >= tail) continue;
      if (found.position + BigInt(this.#memory.capacity) >= this.#memory.tailIntent) this.#skipTo(found);
      return;
    }
  }

  /** The oldest packet that will still be there in a moment. */
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
