// Which addresses moved the most bytes. A scan can show any number of addresses, so only so many are kept: when there are
// too many, the smaller half is forgotten and the sums are from then on a lower bound.

import { destText, sourceText } from './flow/address-text.js';
import type { Flow } from './flow/flow.js';

/** What one address sent and received, link layer included. */
export interface Talker {
  readonly address: string;
  readonly packets: number;
  readonly bytes: number;
}

const DEFAULT_MAX_ADDRESSES = 65_536;

/** Sums by address. */
export class Talkers {
  readonly #maxAddresses: number;
  readonly #sums: Map<string, { packets: number; bytes: number }>;
  #exact = true;

  constructor(maxAddresses = DEFAULT_MAX_ADDRESSES) {
    this.#maxAddresses = maxAddresses;
    this.#sums = new Map();
  }

  /** False once an address was forgotten: then a sum may be too small, and an address may be missing. */
  get exact(): boolean {
    return this.#exact;
  }

  add(address: string, packets: number, bytes: number): void {
    const sum = this.#sums.get(address);
    if (sum !== undefined) {
      sum.packets += packets;
      sum.bytes += bytes;
      return;
    }
    if (this.#sums.size >= this.#maxAddresses) this.#forget();
    this.#sums.set(address, { packets, bytes });
  }

  /** What both of a flow's ends sent and received. */
  addFlow(flow: Flow): void {
    const packets = flow.pktsToServer + flow.pktsToClient;
    const bytes = flow.bytesToServer + flow.bytesToClient;
    const source = sourceText(flow);
    const dest = destText(flow);
    this.add(source, packets, bytes);
    if (dest !== source) this.add(dest, packets, bytes);
  }

  /** The `count` largest by bytes; among equals, by address. */
  top(count: number): Talker[] {
    return this.#bySize()
      .slice(0, count)
      .map(([address, sum]) => ({ address, ...sum }));
  }

  /** A copy to add to without changing this one. */
  clone(): Talkers {
    const copy = new Talkers(this.#maxAddresses);
    for (const [address, sum] of this.#sums) copy.#sums.set(address, { ...sum });
    copy.#exact = this.#exact;
    return copy;
  }

  #forget(): void {
    this.#exact = false;
    for (const [address] of this.#bySize().slice(this.#maxAddresses >> 1)) this.#sums.delete(address);
  }

  #bySize(): [string, { packets: number; bytes: number }][] {
    return [...this.#sums].sort((a, b) => b[1].bytes - a[1].bytes || (a[0] < b[0] ? -1 : 1));
  }
}
