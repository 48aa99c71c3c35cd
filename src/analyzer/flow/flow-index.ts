// Finds the record of a flow by its key, from either side. The hash is keyed with numbers drawn at random for each table:
// the tap's own flow hash is known to everybody, so a sender could choose thousands of flows that share one value of it
// and make every lookup walk them all.

import { ADDRESS_WORDS, type FlowKey } from './flow-key.js';
import { type FlowStore, NO_FLOW, Word } from './flow-store.js';

const GOLDEN = 0x9e3779b1;
const CLIENT = Word.addresses;
const SERVER = Word.addresses + ADDRESS_WORDS;

/** A hash table over the records, with chains through the records. It grows with the store. */
export class FlowIndex {
  readonly #store: FlowStore;
  readonly #seed = (Math.random() * 0x1_0000_0000) | 0;
  #buckets = new Int32Array(0);

  constructor(store: FlowStore) {
    this.#store = store;
    this.rebuild([]);
  }

  /** The same for both directions. */
  hash(key: FlowKey): number {
    const words = key.addressWords;
    const client = endHash(key.addresses, 0, words, key.srcPort ^ this.#seed);
    const server = endHash(key.addresses, ADDRESS_WORDS, words, key.dstPort ^ this.#seed);
    return mix((client + server) ^ Math.imul(key.kind ^ (key.vlans << 8), GOLDEN)) >>> 0;
  }

  /** The record with this key, whichever end is the client, or NO_FLOW. */
  find(key: FlowKey, hash: number): number {
    const store = this.#store;
    let flow = this.#buckets[hash & (this.#buckets.length - 1)]!;
    while (flow !== NO_FLOW) {
      if (store.word(flow, Word.hash) === hash && this.#matches(flow, key)) return flow;
      flow = store.link(flow, Word.chain);
    }
    return NO_FLOW;
  }

  /** Whether the key's sender is the record's client. For a record that {@link find} gave. */
  isForward(flow: number, key: FlowKey): boolean {
    if (this.#store.word(flow, Word.ports) !== ports(key.srcPort, key.dstPort)) return false;
    return this.#hasEnds(flow, key, 0, ADDRESS_WORDS);
  }

  insert(flow: number): void {
    const bucket = this.#bucketOf(flow);
    this.#store.setWord(flow, Word.chain, this.#buckets[bucket]!);
    this.#buckets[bucket] = flow;
  }

  remove(flow: number): void {
    const store = this.#store;
    const bucket = this.#bucketOf(flow);
    const next = store.link(flow, Word.chain);
    if (this.#buckets[bucket] === flow) {
      this.#buckets[bucket] = next;
      return;
    }
    let before = this.#buckets[bucket]!;
    while (store.link(before, Word.chain) !== flow) before = store.link(before, Word.chain);
    store.setWord(before, Word.chain, next);
  }

  /** Makes as many buckets as the store has room for, and puts these records in. */
  rebuild(flows: Iterable<number>): void {
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(this.#store.capacity))).fill(NO_FLOW);
    for (const flow of flows) this.insert(flow);
  }

  #bucketOf(flow: number): number {
    return this.#store.word(flow, Word.hash) & (this.#buckets.length - 1);
  }

  #matches(flow: number, key: FlowKey): boolean {
    const store = this.#store;
    if (store.word(flow, Word.kind) !== key.kind || store.word(flow, Word.vlans) !== key.vlans) return false;
    return this.isForward(flow, key) || this.#isBackward(flow, key);
  }

  #isBackward(flow: number, key: FlowKey): boolean {
    if (this.#store.word(flow, Word.ports) !== ports(key.dstPort, key.srcPort)) return false;
    return this.#hasEnds(flow, key, ADDRESS_WORDS, 0);
  }

  /** Whether the key's address at word `client` is the record's client's, and the one at `server` its server's. */
  #hasEnds(flow: number, key: FlowKey, client: number, server: number): boolean {
    const words = key.addressWords;
    for (let i = 0; i < words; i++) {
      if (this.#store.word(flow, CLIENT + i) !== key.addresses[client + i]) return false;
      if (this.#store.word(flow, SERVER + i) !== key.addresses[server + i]) return false;
    }
    return true;
  }
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
