// The rules that may match what is looked at, each once, in the order in which they are tried. Reused from look to look;
// nothing is allocated while there is room for all.

const FIRST_ROOM = 64;

/** Above so many, the built-in sort is the faster one. */
const MAX_INSERTED = 24;

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

  /** Empties the list, and gives how many were in it: at() has them, in order, until the next call of add(). */
  take(): number {
    const taken = this.#length;
    if (taken > MAX_INSERTED) this.#list.subarray(0, taken).sort();
    else this.#insertEach();
    for (let i = 0; i < taken; i++) this.#isListed[this.#list[i]!] = 0;
    this.#length = 0;
    return taken;
  }

  /** One of those that were taken. */
  at(place: number): number {
    return this.#list[place]!;
  }

  #insertEach(): void {
    const list = this.#list;
    for (let i = 1; i < this.#length; i++) {
      const index = list[i]!;
      let to = i;
      for (; to > 0 && list[to - 1]! > index; to--) list[to] = list[to - 1]!;
      list[to] = index;
    }
  }

  #grow(): void {
    const grown = new Int32Array(2 * this.#list.length);
    grown.set(this.#list);
    this.#list = grown;
  }
}
