// The next packets of a batch, to be visited in any order and as often as one likes. Whoever takes what it needs of all of
// them first, and asks once whether they were intact meanwhile, pays one fence for the chunk, and has the processor fetch
// packet after packet at the same time.

import type { PacketView } from '../packet/packet-view.js';
import type { RingBatch } from './packet-batch.js';

/** Packets of a batch that stand together. Valid until the next packet or chunk of the batch is taken. */
export interface PacketChunk {
  /** 1 to 64; 0 once the batch is over. */
  readonly length: number;
  /** The packet at `index`, from 0; valid until the next call, as the object may be the same. Throws RangeError if there is none. */
  at(index: number): PacketView;
  /**
   * Whether nothing read from any of its packets so far can have been overwritten by the tap. If it isn't so, ask each
   * packet. Check after reading, before acting on what was read.
   */
  isIntact(): boolean;
}

/** A chunk of one ring. One object for chunk after chunk. */
export class RingChunk implements PacketChunk {
  readonly #batch: RingBatch;
  #first = 0;
  #length = 0;

  constructor(batch: RingBatch) {
    this.#batch = batch;
  }

  get length(): number {
    return this.#length;
  }

  at(index: number): PacketView {
    if (index >>> 0 >= this.#length) refuse(index, this.#length);
    return this.#batch.packetAt(this.#first + (index >>> 0));
  }

  /** The tap overwrites the oldest first. */
  isIntact(): boolean {
    return this.#length === 0 || this.#batch.isIntactAt(this.#first);
  }

  /** For the batch: the packets from this place in what it has read ahead. */
  reset(first: number, length: number): this {
    this.#first = first;
    this.#length = length;
    return this;
  }
}

/** A chunk of several lanes, in the order in which they are merged. One object for chunk after chunk. */
export class MergedChunk implements PacketChunk {
  readonly #batches: RingBatch[] = [];
  readonly #places: number[] = [];

  get length(): number {
    return this.#batches.length;
  }

  at(index: number): PacketView {
    if (index >>> 0 >= this.length) refuse(index, this.length);
    return this.#batches[index >>> 0]!.packetAt(this.#places[index >>> 0]!);
  }

  /** Asked of the first packet of each lane, which is its oldest here. */
  isIntact(): boolean {
    return this.#batches.every((batch, i) => this.#batches.indexOf(batch) !== i || batch.isIntactAt(this.#places[i]!));
  }

  /** For the batch: adds the packet that comes next in a lane. */
  add(batch: RingBatch): void {
    this.#places[this.#batches.length] = batch.takePlace();
    this.#batches.push(batch);
  }

  /** For the batch: begins anew. */
  clear(): void {
    this.#batches.length = 0;
  }
}

function refuse(index: number, length: number): never {
  throw new RangeError(`no such packet in the chunk: index=${index} length=${length}`);
}
