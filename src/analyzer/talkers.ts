// Which addresses moved the most bytes. A scan can show any number of addresses, so only so many are kept: when there are
// too many, the smaller half is forgotten and the sums are from then on a lower bound.

import { type AddressSum, AddressSums } from './address-sums.js';
import { ADDRESS_WORDS, type FlowEnds } from './flow/flow-key.js';

/** What one address sent and received, link layer included. */
export interface Talker {
  readonly address: string;
  readonly packets: number;
  readonly bytes: number;
}

/** What counts of a flow. */
export interface TalkersFlow extends FlowEnds {
  readonly pktsToServer: number;
  readonly pktsToClient: number;
  readonly bytesToServer: number;
  readonly bytesToClient: number;
}

const DEFAULT_MAX_ADDRESSES = 65_536;

/** Sums by address. */
export class Talkers {
  readonly #maxAddresses: number;
  #sums = new AddressSums();
  #exact = true;

  constructor(maxAddresses = DEFAULT_MAX_ADDRESSES) {
    this.#maxAddresses = maxAddresses;
  }

  /** False once an address was forgotten: then a sum may be too small, and an address may be missing. */
  get exact(): boolean {
    return this.#exact;
  }

  /** What both of a flow's ends sent and received. */
  addFlow(flow: TalkersFlow): void {
    const packets = flow.pktsToServer + flow.pktsToClient;
    const bytes = flow.bytesToServer + flow.bytesToClient;
    this.#add(flow, true, packets, bytes);
    if (!isToItself(flow)) this.#add(flow, false, packets, bytes);
  }

  /** The `count` largest by bytes; among equals, by address. */
  top(count: number): Talker[] {
    return this.#bySize()
      .slice(0, count)
      .map(({ address, packets, bytes }) => ({ address, packets, bytes }));
  }

  /** A copy to add to without changing this one. */
  clone(): Talkers {
    const copy = new Talkers(this.#maxAddresses);
    copy.#sums = this.#sums.clone();
    copy.#exact = this.#exact;
    return copy;
  }

  #add(flow: TalkersFlow, isSource: boolean, packets: number, bytes: number): void {
    let slot = this.#sums.find(flow, isSource);
    if (slot < 0) {
      if (this.#sums.size >= this.#maxAddresses) this.#forget(flow, isSource);
      slot = this.#sums.insert();
    }
    this.#sums.add(slot, packets, bytes);
  }

  /** Makes room for an address. */
  #forget(flow: TalkersFlow, isSource: boolean): void {
    this.#exact = false;
    const largest = this.#bySize().slice(0, this.#maxAddresses >> 1);
    this.#sums = this.#sums.copy(largest.map(({ slot }) => slot));
    this.#sums.find(flow, isSource);
  }

  #bySize(): AddressSum[] {
    return this.#sums.all().sort((a, b) => b.bytes - a.bytes || (a.address < b.address ? -1 : 1));
  }
}

function isToItself(flow: FlowEnds): boolean {
  for (let i = 0; i < ADDRESS_WORDS; i++) if (flow.srcWord(i) !== flow.dstWord(i)) return false;
  return true;
}
