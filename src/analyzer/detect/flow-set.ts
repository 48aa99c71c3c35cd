// A set of flows by their indices: a byte for each, so that those of many flows stay in fast memory.

const FIRST_FLOWS = 1024;

/** Grows with the largest index. */
export class FlowSet {
  #members = new Uint8Array(FIRST_FLOWS);

  has(flow: number): boolean {
    return flow < this.#members.length && this.#members[flow] !== 0;
  }

  set(flow: number, isMember: boolean): void {
    if (flow >= this.#members.length) this.#grow(flow);
    this.#members[flow] = isMember ? 1 : 0;
  }

  delete(flow: number): void {
    if (flow < this.#members.length) this.#members[flow] = 0;
  }

  #grow(flow: number): void {
    const grown = new Uint8Array(2 * (flow + 1));
    grown.set(this.#members);
    this.#members = grown;
  }
}
