// Flows of one timeout class in the order of their last packets, oldest first: whoever is due to end stands at the front.
// Doubly linked through the records themselves.

import { type FlowStore, NO_FLOW, Word } from './flow-store.js';

/** A list of records; a record is in one list at a time. */
export class FlowList {
  readonly #store: FlowStore;
  #oldest = NO_FLOW;
  #newest = NO_FLOW;

  constructor(store: FlowStore) {
    this.#store = store;
  }

  /** The record that has been silent for longest, or NO_FLOW. */
  get oldest(): number {
    return this.#oldest;
  }

  append(flow: number): void {
    this.#store.setWord(flow, Word.older, this.#newest);
    this.#store.setWord(flow, Word.newer, NO_FLOW);
    if (this.#newest === NO_FLOW) this.#oldest = flow;
    else this.#store.setWord(this.#newest, Word.newer, flow);
    this.#newest = flow;
  }

  remove(flow: number): void {
    const older = this.#store.link(flow, Word.older);
    const newer = this.#store.link(flow, Word.newer);
    if (older === NO_FLOW) this.#oldest = newer;
    else this.#store.setWord(older, Word.newer, newer);
    if (newer === NO_FLOW) this.#newest = older;
    else this.#store.setWord(newer, Word.older, older);
  }

  *[Symbol.iterator](): Generator<number> {
    for (let flow = this.#oldest; flow !== NO_FLOW; flow = this.#store.link(flow, Word.newer)) yield flow;
  }
}
