// Finds all of many patterns in one pass over the bytes (Aho and Corasick, 1975), as a table of next states. Letters fold to
// lower case, so a hit says only that a pattern may be there; who asks looks again. States that end a pattern come last,
// so that the loop has one comparison a byte; bytes that no pattern has share a column, which keeps the table small.

import { lowerCase } from '../rules/keywords/content.js';

const NO_STATE = -1;

/** One pattern, and what is told when it is found. */
export interface Pattern {
  readonly bytes: Uint8Array;
  readonly id: number;
}

/** Called with a pattern's id for each place where it ends; `end` is the offset behind it. */
export type OnHit = (id: number, end: number) => void;

/** Built once for its patterns. */
export class Automaton {
  readonly #columns = new Uint8Array(256);
  readonly #width: number;
  readonly #next: Int32Array;
  /** The first state, already multiplied by the width, that ends a pattern. */
  readonly #firstEnd: number;
  readonly #ids: readonly (readonly number[])[];

  constructor(patterns: readonly Pattern[]) {
    this.#width = this.#fillColumns(patterns);
    const trie = new Trie(this.#width, this.#columns, patterns);
    const order = trie.order();
    this.#next = trie.table(order);
    this.#ids = order.endings.map((state) => trie.ids[state]!);
    this.#firstEnd = (trie.states - order.endings.length) * this.#width;
  }

  scan(bytes: Uint8Array, onHit: OnHit): void {
    const next = this.#next;
    const columns = this.#columns;
    const firstEnd = this.#firstEnd;
    let state = 0;
    for (let i = 0; i < bytes.length; i++) {
      state = next[state + columns[bytes[i]!]!]!;
      if (state >= firstEnd) for (const id of this.#ids[(state - firstEnd) / this.#width]!) onHit(id, i + 1);
    }
  }

  /** The number of columns; column 0 is for bytes that no pattern has. */
  #fillColumns(patterns: readonly Pattern[]): number {
    const used = new Set(patterns.flatMap(({ bytes }) => [...bytes.map(lowerCase)]));
    // In lower case there are 230 at most, so that a column's number fits into a byte.
    [...used].forEach((byte, i) => {
      this.#columns[byte] = i + 1;
    });
    for (let byte = 0x41; byte <= 0x5a; byte++) this.#columns[byte] = this.#columns[byte | 0x20]!;
    return used.size + 1;
  }
}

interface Order {
  /** New number of each old state. */
  readonly numbers: Int32Array;
  /** Old states that end patterns, in the order of their new numbers. */
  readonly endings: readonly number[];
}

/** The patterns' tree, made whole with the transitions of failures. */
class Trie {
  readonly ids: number[][] = [[]];
  states = 1;
  readonly #width: number;
  readonly #next: Int32Array;

  constructor(width: number, columns: Uint8Array, patterns: readonly Pattern[]) {
    this.#width = width;
    const most = patterns.reduce((sum, { bytes }) => sum + bytes.length, 1);
    this.#next = new Int32Array(most * width).fill(NO_STATE);
    for (const { bytes, id } of patterns) this.#add(bytes, id, columns);
    this.#complete();
  }

  /** The first state stays the first, those that end a pattern come last. */
  order(): Order {
    const numbers = new Int32Array(this.states);
    const endings = Array.from({ length: this.states }, (_, i) => i).filter((state) => this.ids[state]!.length > 0);
    let plain = 0;
    for (let state = 0; state < this.states; state++) if (this.ids[state]!.length === 0) numbers[state] = plain++;
    endings.forEach((state, i) => {
      numbers[state] = plain + i;
    });
    return { numbers, endings };
  }

  table({ numbers }: Order): Int32Array {
    const table = new Int32Array(this.states * this.#width);
    for (let state = 0; state < this.states; state++) {
      for (let column = 0; column < this.#width; column++) {
        const to = this.#next[state * this.#width + column]!;
        table[numbers[state]! * this.#width + column] = numbers[to]! * this.#width;
      }
    }
    return table;
  }

  #add(bytes: Uint8Array, id: number, columns: Uint8Array): void {
    let state = 0;
    for (const byte of bytes) {
      const at = state * this.#width + columns[byte]!;
      if (this.#next[at] === NO_STATE) {
        this.#next[at] = this.states++;
        this.ids.push([]);
      }
      state = this.#next[at]!;
    }
    this.ids[state]!.push(id);
  }

  /** Breadth first: a state's failure is shallower, so it is complete before. */
  #complete(): void {
    const failures = new Int32Array(this.states);
    const queue = [0];
    for (const state of queue) {
      const failure = failures[state]!;
      if (state !== 0) this.ids[state]!.push(...this.ids[failure]!);
      for (let column = 0; column < this.#width; column++) {
        const at = state * this.#width + column;
        const around = state === 0 ? 0 : this.#next[failure * this.#width + column]!;
        const to = this.#next[at]!;
        if (to === NO_STATE) this.#next[at] = around;
        else {
          failures[to] = around;
          queue.push(to);
        }
      }
    }
  }
}
