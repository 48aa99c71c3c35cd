// What rules remember of addresses: a table of fixed size in memory that several analyzers share. A record belongs to one
// of few places, by the hash of its key. When those are taken, the record that ends first gives way, and that is counted:
// so memory is bounded, whoever makes up addresses. Time is the packets' own.
//
// Several threads use it, one at a time, in turns. The same calls in the same order leave the same in it, whoever made them.

import type { Turns } from './turns.js';

/** Words of a key: two addresses, and what is remembered of them. The last one is never 0. */
export const KEY_WORDS = 11;

/** Records of a table: 8 MiB, of which those pages are taken that are used. */
const DEFAULT_RECORDS = 131_072;

/** A record, of 64 bytes: the key (its last word 0: nobody's), the count, and two times in seconds since the Unix epoch. */
const RECORD_WORDS = 16;
const USED_WORD = KEY_WORDS - 1;
const COUNT_WORD = KEY_WORDS;
const SINCE_FLOAT = 6;
const UNTIL_FLOAT = 7;

/** Records among which a key has its place. */
const BUCKET = 16;

/** In front of the records: who holds the lock (0: nobody), and records that gave way. */
const HEADER_WORDS = RECORD_WORDS;
const LOCK = 0;
const FORGOTTEN = 1;

/** How long to sleep before the lock is looked at again, should its release go unheard: milliseconds. */
const LOCK_WAIT_MS = 1;

/** What is remembered under a key. Valid within {@link AddressTable.use}. */
export interface TableRecord {
  count: number;
  /** When it began. */
  sinceSec: number;
  /** The last second in which it counts. */
  untilSec: number;
}

/** Memory for a table. `records`: a power of two, 16 or more. */
export function makeTableMemory(records = DEFAULT_RECORDS): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (HEADER_WORDS + records * RECORD_WORDS));
}

/** Gives up the lock of a thread that has ended; `owner`: its number, from 1. */
export function unlockFor(memory: SharedArrayBuffer, owner: number): void {
  const lock = new Int32Array(memory, 0, 1);
  if (Atomics.compareExchange(lock, LOCK, owner, 0) === owner) Atomics.notify(lock, LOCK);
}

/** One thread's hold on a table. */
export class AddressTable implements TableRecord {
  readonly #header: Int32Array;
  readonly #words: Uint32Array;
  readonly #floats: Float64Array;
  readonly #buckets: number;
  readonly #owner: number;
  readonly #turns: Turns;
  /** The record that was found, by its first word. */
  #at = 0;

  /** `owner`: this thread's number, from 1; no other thread has the same. */
  constructor(memory: SharedArrayBuffer, owner: number, turns: Turns) {
    const header = 4 * HEADER_WORDS;
    this.#header = new Int32Array(memory, 0, HEADER_WORDS);
    this.#words = new Uint32Array(memory, header);
    this.#floats = new Float64Array(memory, header);
    this.#buckets = this.#words.length / (RECORD_WORDS * BUCKET);
    this.#owner = owner;
    this.#turns = turns;
  }

  /** Records that gave way to others before their time, in all threads. */
  get forgotten(): number {
    return Atomics.load(this.#header, FORGOTTEN) >>> 0;
  }

  /** The record of a key, or undefined. What it gives is the same object each time. */
  find(key: Uint32Array): TableRecord | undefined {
    const first = this.#bucketOf(key);
    for (let at = first; at < first + BUCKET * RECORD_WORDS; at += RECORD_WORDS) {
      if (this.#holds(at, key)) return this.#moveTo(at);
    }
    return undefined;
  }

  /** A new record for a key that has none: of this second, and with a count of 0. */
  add(key: Uint32Array, nowSec: number): TableRecord {
    const at = this.#placeIn(this.#bucketOf(key), nowSec);
    this.#words.set(key, at);
    const record = this.#moveTo(at);
    record.count = 0;
    record.sinceSec = record.untilSec = nowSec;
    return record;
  }

  /** Forgets what is remembered under a key. */
  remove(key: Uint32Array): void {
    if (this.find(key) !== undefined) this.#words[this.#at + USED_WORD] = 0;
  }

  /**
   * When it is our turn: nobody else looks at the table, or changes it, during the call. The lock is for where there are no
   * turns.
   */
  use<T>(work: () => T): T {
    this.#turns.wait();
    // ORDERING: sequentially consistent; the lock's release is its partner. Nobody sees half of what another changed.
    while (Atomics.compareExchange(this.#header, LOCK, 0, this.#owner) !== 0) {
      Atomics.wait(this.#header, LOCK, Atomics.load(this.#header, LOCK) || -1, LOCK_WAIT_MS);
    }
    try {
      return work();
    } finally {
      Atomics.store(this.#header, LOCK, 0);
      Atomics.notify(this.#header, LOCK, 1);
    }
  }

  get count(): number {
    return this.#words[this.#at + COUNT_WORD]!;
  }

  set count(count: number) {
    this.#words[this.#at + COUNT_WORD] = count;
  }

  get sinceSec(): number {
    return this.#floats[(this.#at >>> 1) + SINCE_FLOAT]!;
  }

  set sinceSec(seconds: number) {
    this.#floats[(this.#at >>> 1) + SINCE_FLOAT] = seconds;
  }

  get untilSec(): number {
    return this.#floats[(this.#at >>> 1) + UNTIL_FLOAT]!;
  }

  set untilSec(seconds: number) {
    this.#floats[(this.#at >>> 1) + UNTIL_FLOAT] = seconds;
  }

  #moveTo(at: number): this {
    this.#at = at;
    return this;
  }

  #holds(at: number, key: Uint32Array): boolean {
    for (let i = 0; i < KEY_WORDS; i++) if (this.#words[at + i] !== key[i]) return false;
    return true;
  }

  #bucketOf(key: Uint32Array): number {
    return (hashOf(key) & (this.#buckets - 1)) * BUCKET * RECORD_WORDS;
  }

  /** One that is nobody's or over, or else the one that ends first. */
  #placeIn(first: number, nowSec: number): number {
    let place = first;
    for (let at = first; at < first + BUCKET * RECORD_WORDS; at += RECORD_WORDS) {
      if (this.#words[at + USED_WORD] === 0) return at;
      if (this.#endOf(at) < this.#endOf(place)) place = at;
    }
    if (this.#endOf(place) >= nowSec) Atomics.add(this.#header, FORGOTTEN, 1);
    return place;
  }

  #endOf(at: number): number {
    return this.#floats[(at >>> 1) + UNTIL_FLOAT]!;
  }
}

/** The finaliser of MurmurHash3 (public domain) over each word in turn. */
function hashOf(key: Uint32Array): number {
  let hash = 0;
  for (let i = 0; i < KEY_WORDS; i++) {
    hash = Math.imul(hash, 31) ^ key[i]!;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash;
}
