// The rules that may match what is looked at, each once, in the order in which they are tried. Reused from look to look;
// nothing is allocated while there is room for all.

const FIRST_ROOM = 64;

/** Rules by their index. */
export class Candidates {
  /** By index: whether it is in the list. */
  readonly #isListed: Uint8Array;
  #list = new Int32Array(FIRST_ROOM);
  #length = 0;

  /** For so many rules. */
  constructor(rules: number) {
    this.#isListed = new Uint8Array(rules);
  }

  get length(): number {
    return this.#length;
  }

  add(index: number): void {
    if (this.#isListed[index] !== 0) return;
    this.#isListed[index] = 1;
    if (this.#length === this.#list.length) this.#grow();
    this.#list[this.#length++] = index;
  }

  addAll(indices: readonly number[]): void {
    for (let i = 0; i < indices.length; i++) this.add(indices[i]!);
  }

  /** Empties the list, and gives what was in it, in order; valid until the next call of add(). */
  take(): Int32Array {
    const taken = this.#list.subarray(0, this.#length).sort();
    for (const index of taken) this.#isListed[index] = 0;
    this.#length = 0;
    return taken;
  }

  #grow(): void {
    const grown = new Int32Array(2 * this.#list.length);
    grown.set(this.#list);
    this.#list = grown;
  }
}
