// Packets and bytes by IP address: a hash table in one buffer, as a Map would need the address as text, and an object for
// each. Its hash has a secret, so that nobody can choose addresses that all meet in one place.

import { ipv4Text, ipv6Text } from '../index.js';
import type { FlowEnds } from './flow/flow-key.js';

/** An address with what was added for it. */
export interface AddressSum {
  readonly address: string;
  readonly packets: number;
  readonly bytes: number;
  /** Where it is in the table, until something is added. */
  readonly slot: number;
}

/** Words of a slot: the address, the IP version (0: the slot is empty), padding, two 64-bit floats. */
const SLOT_WORDS = 10;
const SLOT_FLOATS = SLOT_WORDS / 2;
const VERSION = 4;
const PACKETS = 3;
const BYTES = 4;

const FIRST_SLOTS = 1024;

/** Open addressing; at most half of the slots are taken. */
export class AddressSums {
  readonly #secret: Int32Array;
  #words: Int32Array = new Int32Array(FIRST_SLOTS * SLOT_WORDS);
  #floats: Float64Array = new Float64Array(this.#words.buffer);
  #mask = FIRST_SLOTS - 1;
  #size = 0;
  /** The address that is looked for. */
  readonly #address = new Int32Array(VERSION + 1);

  constructor(secret: Int32Array = Int32Array.from({ length: VERSION + 1 }, () => Math.random() * 2 ** 32)) {
    this.#secret = secret;
  }

  /** Addresses in it. */
  get size(): number {
    return this.#size;
  }

  /** The slot of a flow's source or destination; -1: it has none yet. */
  find(flow: FlowEnds, isSource: boolean): number {
    this.#look(flow, isSource);
    const slot = this.#probe();
    return this.#words[slot * SLOT_WORDS + VERSION] === 0 ? -1 : slot;
  }

  /** A slot for the address that find() has just not found. */
  insert(): number {
    if (2 * ++this.#size > this.#mask) this.#grow();
    const slot = this.#probe();
    this.#words.set(this.#address, slot * SLOT_WORDS);
    return slot;
  }

  add(slot: number, packets: number, bytes: number): void {
    const at = slot * SLOT_FLOATS;
    this.#floats[at + PACKETS]! += packets;
    this.#floats[at + BYTES]! += bytes;
  }

  /** All of them. */
  all(): AddressSum[] {
    const sums: AddressSum[] = [];
    for (let slot = 0; slot <= this.#mask; slot++) {
      const at = slot * SLOT_WORDS;
      if (this.#words[at + VERSION] === 0) continue;
      const [packets, bytes] = [this.#floats[slot * SLOT_FLOATS + PACKETS]!, this.#floats[slot * SLOT_FLOATS + BYTES]!];
      sums.push({ address: addressText(this.#words.subarray(at, at + VERSION + 1)), packets, bytes, slot });
    }
    return sums;
  }

  /** A table with the same in it. */
  clone(): AddressSums {
    const copy = new AddressSums(this.#secret);
    copy.#words = this.#words.slice();
    copy.#floats = new Float64Array(copy.#words.buffer);
    copy.#mask = this.#mask;
    copy.#size = this.#size;
    return copy;
  }

  /** A table with these slots of this one. */
  copy(slots: Iterable<number>): AddressSums {
    const copy = new AddressSums(this.#secret);
    for (const slot of slots) copy.#take(this.#words, this.#floats, slot);
    return copy;
  }

  #take(words: Int32Array, floats: Float64Array, slot: number): void {
    for (let i = 0; i <= VERSION; i++) this.#address[i] = words[slot * SLOT_WORDS + i]!;
    this.add(this.insert(), floats[slot * SLOT_FLOATS + PACKETS]!, floats[slot * SLOT_FLOATS + BYTES]!);
  }

  #look(flow: FlowEnds, isSource: boolean): void {
    const address = this.#address;
    for (let i = 0; i < VERSION; i++) address[i] = isSource ? flow.srcWord(i) : flow.dstWord(i);
    address[VERSION] = flow.ipVersion;
  }

  /** Where the address is, or the empty slot where it would be. */
  #probe(): number {
    let slot = this.#hash() & this.#mask;
    while (!this.#isFreeOrSame(slot * SLOT_WORDS)) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #isFreeOrSame(at: number): boolean {
    const words = this.#words;
    if (words[at + VERSION] === 0) return true;
    const address = this.#address;
    for (let i = 0; i <= VERSION; i++) if (words[at + i] !== address[i]) return false;
    return true;
  }

  #hash(): number {
    let hash = 0;
    for (let i = 0; i <= VERSION; i++) {
      hash = Math.imul(hash ^ this.#address[i]! ^ this.#secret[i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  #grow(): void {
    const [words, address] = [this.#words, this.#address.slice()];
    this.#mask = 2 * this.#mask + 1;
    this.#words = new Int32Array((this.#mask + 1) * SLOT_WORDS);
    this.#floats = new Float64Array(this.#words.buffer);
    for (let at = 0; at < words.length; at += SLOT_WORDS) {
      if (words[at + VERSION] === 0) continue;
      for (let i = 0; i <= VERSION; i++) this.#address[i] = words[at + i]!;
      const slot = this.#probe();
      this.#words.set(words.subarray(at, at + SLOT_WORDS), slot * SLOT_WORDS);
    }
    this.#address.set(address);
  }
}

function addressText(words: Int32Array): string {
  const [a = 0, b = 0, c = 0, d = 0, version] = words;
  return version === 4 ? ipv4Text(a) : ipv6Text(a >>> 0, b >>> 0, c >>> 0, d >>> 0);
}
