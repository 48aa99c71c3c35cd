// Where a queue in shared memory is written and read: one writer, one reader, in any two processes. Both indices lie in the
// memory itself. Neither side believes the other one's: one that is impossible ends the queue, and nothing outside of it is
// ever touched.
//
//    0  u32 magic       8  u32 slot bytes (0: records of any length)
//    4  u32 version    12  u32 capacity, in slots, or in bytes
//   64  u32 tail       the writer's: what lies below may be read
//  128  u32 head       the reader's: what lies below may be written
//  192  u32 the reader sleeps      256  u32 the writer sleeps
//  320  the slots
//
// Indices run from 0 to twice the capacity, less one, so that full and empty differ for any capacity. All is little-endian,
// in words of 32 bits, whatever the machine.

import { RingError } from '../../errors.js';

/** Bytes before the slots. */
export const QUEUE_HEADER_BYTES = 320;

/** The most slots or bytes that a queue may have. */
export const MAX_QUEUE_CAPACITY = 2 ** 30;

const MAGIC = 0x71746b70;
const VERSION = 1;
const Word = {
  magic: 0,
  version: 1,
  slotBytes: 2,
  capacity: 3,
  tail: 16,
  head: 32,
  readerSleeps: 48,
  writerSleeps: 64,
};

/** What a queue is like: what its two sides must agree on. */
export interface QueueShape {
  /** Bytes of a slot; 0: records of any length. */
  readonly slotBytes: number;
  readonly capacity: number;
}

/** The two indices of a queue at a place in a buffer. */
export class Indices {
  readonly capacity: number;
  readonly #words: Int32Array;

  /** Writes the header of a new queue, in memory of zeros. */
  static create(buffer: ArrayBuffer, offset: number, { slotBytes, capacity }: QueueShape): Indices {
    const words = new Int32Array(buffer, offset, QUEUE_HEADER_BYTES / 4);
    words.set([MAGIC, VERSION, slotBytes, capacity]);
    return new Indices(words, capacity);
  }

  /** Throws ERR_TAP_RING for a queue of another shape, or what is none. */
  static open(buffer: ArrayBuffer, offset: number, { slotBytes, capacity }: QueueShape): Indices {
    const words = new Int32Array(buffer, offset, QUEUE_HEADER_BYTES / 4);
    if (words[Word.magic] !== MAGIC || words[Word.version] !== VERSION) refuse('no queue, or one of another version');
    if (words[Word.slotBytes] !== slotBytes || words[Word.capacity] !== capacity)
      refuse(`slots=${words[Word.capacity]} of ${words[Word.slotBytes]} bytes, expected ${capacity} of ${slotBytes}`);
    return new Indices(words, capacity);
  }

  private constructor(words: Int32Array, capacity: number) {
    this.#words = words;
    this.capacity = capacity;
  }

  /** Slots in use. Throws ERR_TAP_RING for indices that can't be. */
  get used(): number {
    const [tail, head] = [this.#load(Word.tail), this.#load(Word.head)];
    const used = tail >= head ? tail - head : tail + 2 * this.capacity - head;
    // Attack: indices that make us read or write what isn't there.
    if (used > this.capacity) refuse(`${used} of ${this.capacity} slots in use`);
    return used;
  }

  /** Where the next slot is written, and read. */
  get writeSlot(): number {
    return this.#load(Word.tail) % this.capacity;
  }

  get readSlot(): number {
    return this.#load(Word.head) % this.capacity;
  }

  /** The writer's: shows the reader `slots` more. ORDERING: sequentially consistent, after the slots; partner: the reader's `used`. */
  published(slots: number): void {
    this.#advance(Word.tail, slots);
  }

  /** The reader's: gives `slots` back. ORDERING: sequentially consistent, after they were read; partner: the writer's `used`. */
  consumed(slots: number): void {
    this.#advance(Word.head, slots);
  }

  /** Says that this side sleeps. ORDERING: look at `used` once more after this: the other side may just have moved. */
  sleep(side: 'reader' | 'writer'): void {
    Atomics.store(this.#words, sleepsWord(side), 1);
  }

  /** Whether that side sleeps and is to be woken: true once. */
  mustWake(side: 'reader' | 'writer'): boolean {
    return (
      Atomics.load(this.#words, sleepsWord(side)) !== 0 && Atomics.exchange(this.#words, sleepsWord(side), 0) !== 0
    );
  }

  #advance(word: number, slots: number): void {
    Atomics.store(this.#words, word, (this.#load(word) + slots) % (2 * this.capacity));
  }

  #load(word: number): number {
    const index = Atomics.load(this.#words, word);
    if (index < 0 || index >= 2 * this.capacity) refuse(`index=${index} capacity=${this.capacity}`);
    return index;
  }
}

function sleepsWord(side: 'reader' | 'writer'): number {
  return side === 'reader' ? Word.readerSleeps : Word.writerSleeps;
}

function refuse(what: string): never {
  throw new RingError('ERR_TAP_RING', `not a queue that can be used: ${what}`);
}
