// Finds the record of a flow by its key, from either side: a hash table with open addressing, in which the whole hash stands
// beside the record's index, so that no record is looked at but ours. The hash is keyed with numbers drawn at random for each
// table: the tap's own flow hash is known to everybody, so a sender could choose thousands of flows that share one value of
// it and make every lookup walk them all.

import { ADDRESS_WORDS, type FlowKey } from './flow-key.js';
import { type FlowStore, NO_FLOW, RECORD_WORDS, Word } from './flow-store.js';

const GOLDEN = 0x9e3779b1;

/** A place: the hash, then the record's index plus one; 0: nothing is there. */
const PLACE_WORDS = 2;

/** Places for each record that the store has room for: half of them are free, so that one look or two are enough. */
const PLACES_PER_FLOW = 2;

/** A hash table over the records. It grows with the store. */
export class FlowIndex {
  readonly #store: FlowStore;
  readonly #seed = (Math.random() * 0x1_0000_0000) | 0;
  #places = new Int32Array(PLACE_WORDS);
  #mask = 0;
  #isForward = true;
  /** What was touched is put here, so that the compiler doesn't leave out what nobody needs. */
  readonly #touched = new Int32Array(1);

  constructor(store: FlowStore) {
    this.#store = store;
    this.rebuild([]);
  }

  /** The same for both directions: 32 bits, signed. */
  hash(key: FlowKey): number {
    const { addresses, addressWords: words } = key;
    const client = endHash(addresses, 0, words, key.srcPort ^ this.#seed);
    const server = endHash(addresses, ADDRESS_WORDS, words, key.dstPort ^ this.#seed);
    return mix((client + server) ^ Math.imul(key.kind ^ (key.vlans << 8), GOLDEN));
  }

  /** The record with this key, whichever end is the client, or NO_FLOW. */
  find(key: FlowKey, hash: number): number {
    const places = this.#places;
    const mask = this.#mask;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const flow = places[PLACE_WORDS * at + 1]! - 1;
      if (flow === NO_FLOW) return NO_FLOW;
      if (places[PLACE_WORDS * at] === hash && this.#matches(flow, key)) return flow;
    }
  }

  /** Whether the key's sender is the client of the record that find() gave last. */
  get isForward(): boolean {
    return this.#isForward;
  }

  /**
   * Fetches what find() will look at, and the records, for many packets at once: the processor waits for all of them
   * together instead of for one after the other.
   */
  touch(hashes: Int32Array, count: number): void {
    const places = this.#places;
    const { words } = this.#store;
    const mask = this.#mask;
    let sum = 0;
    for (let i = 0; i < count; i++) sum ^= places[PLACE_WORDS * (hashes[i]! & mask)]!;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i]!;
      let at = hash & mask;
      while (places[PLACE_WORDS * at] !== hash && places[PLACE_WORDS * at + 1] !== 0) at = (at + 1) & mask;
      const flow = places[PLACE_WORDS * at + 1]!;
      const end = flow * RECORD_WORDS;
      if (flow > 0) sum ^= words[end - RECORD_WORDS]! ^ words[end - RECORD_WORDS / 2]! ^ words[end - 1]!;
    }
    this.#touched[0] = sum;
  }

  insert(flow: number): void {
    const places = this.#places;
    const hash = this.#store.word(flow, Word.hash) | 0;
    let at = hash & this.#mask;
    while (places[PLACE_WORDS * at + 1] !== 0) at = (at + 1) & this.#mask;
    places[PLACE_WORDS * at] = hash;
    places[PLACE_WORDS * at + 1] = flow + 1;
  }

  /** Those behind it that lie further on than they would are moved, so that no look ends too early. */
  remove(flow: number): void {
    const places = this.#places;
    const mask = this.#mask;
    let hole = (this.#store.word(flow, Word.hash) | 0) & mask;
    while (places[PLACE_WORDS * hole + 1] !== flow + 1) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; places[PLACE_WORDS * at + 1] !== 0; at = (at + 1) & mask) {
      const home = places[PLACE_WORDS * at]! & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      places[PLACE_WORDS * hole] = places[PLACE_WORDS * at]!;
      places[PLACE_WORDS * hole + 1] = places[PLACE_WORDS * at + 1]!;
      hole = at;
    }
    places[PLACE_WORDS * hole] = 0;
    places[PLACE_WORDS * hole + 1] = 0;
  }

  /** Makes places for as many as the store has room for, and puts these records in. */
  rebuild(flows: Iterable<number>): void {
    const places = PLACES_PER_FLOW * 2 ** Math.ceil(Math.log2(this.#store.capacity));
    this.#mask = places - 1;
    this.#places = new Int32Array(PLACE_WORDS * places);
    for (const flow of flows) this.insert(flow);
  }

  #matches(flow: number, key: FlowKey): boolean {
    const { words } = this.#store;
    const at = flow * RECORD_WORDS;
    if (words[at + Word.kind] !== key.kind || words[at + Word.vlans] !== key.vlans) return false;
    const both = words[at + Word.ports];
    this.#isForward = both === ports(key.srcPort, key.dstPort) && hasEnds(words, at, key, 0);
    return this.#isForward || (both === ports(key.dstPort, key.srcPort) && hasEnds(words, at, key, ADDRESS_WORDS));
  }
}

/** Whether the key's address at word `client` is the record's client's, and the other one its server's. */
function hasEnds(words: Uint32Array, record: number, key: FlowKey, client: number): boolean {
  const { addresses, addressWords } = key;
  for (let i = 0, at = record + Word.addresses; i < addressWords; i++, at += 2) {
    if (words[at] !== addresses[client + i]) return false;
    if (words[at + 1] !== addresses[(client ^ ADDRESS_WORDS) + i]) return false;
  }
  return true;
}

/** Two ports in one word. */
export function ports(high: number, low: number): number {
  return ((high << 16) | low) >>> 0;
}

/** Mixing word after word, with the seed first, leaves a sender no way to know which ends collide. */
function endHash(addresses: Uint32Array, at: number, words: number, seededPort: number): number {
  let hash = mix(seededPort);
  for (let i = at; i < at + words; i++) hash = mix(hash + addresses[i]!);
  return hash;
}

/** The finaliser of MurmurHash3 (public domain): every input bit reaches every output bit. */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
