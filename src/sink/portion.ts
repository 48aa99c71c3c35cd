// The part of a batch that still fits into a file: ends where the file is full, and goes on from there when asked again.
// Runs once per packet and allocates nothing.

import type { PacketView } from '../packet/packet-view.js';

export class Portion implements Iterable<PacketView>, Iterator<PacketView, undefined> {
  readonly #packets: Iterator<PacketView, unknown>;
  readonly #isFull: () => boolean;
  #over = false;

  /** `isFull` is asked before each packet, when the one before has been dealt with. */
  constructor(batch: Iterable<PacketView>, isFull: () => boolean) {
    this.#packets = batch[Symbol.iterator]();
    this.#isFull = isFull;
  }

  /** Whether the batch has no more packets. */
  get over(): boolean {
    return this.#over;
  }

  [Symbol.iterator](): Iterator<PacketView, undefined> {
    return this;
  }

  next(): IteratorResult<PacketView, undefined> {
    return this.#isFull() ? DONE : this.#advance();
  }

  /** Counts what is left and takes it from the batch. */
  drain(): number {
    let left = 0;
    while (!this.#over && !this.#advance().done) left++;
    return left;
  }

  #advance(): IteratorResult<PacketView, undefined> {
    const result = this.#packets.next();
    if (!result.done) return result;
    this.#over = true;
    return DONE;
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
