// Some packets that lie behind each other in the ring, walked once, from the first to the last. The headers of the next
// few records are read ahead and checked together, so that a tap that overtakes us is noticed before a header is
// believed, at the cost of one atomic load per chunk instead of one per packet.

import { RingError } from '../errors.js';
import type { InterfaceInfo } from '../packet/interface.js';
import type { PacketView } from '../packet/packet-view.js';
import {
  INTERFACE_BITS,
  INTERFACE_MASK,
  MAX_CAPLEN,
  MAX_OPTIONS,
  optionsOffset,
  RecordField,
  RecordFlag,
  recordBytes,
} from '../packet/record.js';
import { HEADERS_END } from './fetch-ahead.js';
import { type PacketChunk, RingChunk } from './packet-chunk.js';
import { PassEnd, PassWord, type RecordSelector, SELECTION_CHUNK } from './record-selector.js';

/** Records whose headers are read ahead together. */
const CHUNK = SELECTION_CHUNK;

/** In the word that has the interface. */
const HAS_OPTIONS = RecordFlag.options << INTERFACE_BITS;

/** What a batch needs of the reader it belongs to. */
export interface BatchOwner {
  readonly words: Uint32Array;
  /** All interfaces that a published packet can have. */
  readonly interfaces: readonly InterfaceInfo[];
  /** Chooses the packets; left out: all of them. */
  readonly selector?: RecordSelector | undefined;
  /** Whether the record at this byte offset of the mapping has not been overwritten so far. */
  isIntact(offset: number): boolean;
  /** How many of the given records' offsets can have been overwritten by now. */
  countOverwritten(offsets: Uint32Array, count: number): number;
}

/**
 * A batch of packets: `for (const packet of batch)`. Valid until the next batch is asked for, and walked once: leaving
 * the loop early keeps the rest for the next batch. The packet is a reused object; see {@link PacketView}.
 */
export interface PacketBatch extends Iterable<PacketView> {
  /** Packets that this consumer missed right before the first of this batch, because the tap had lapped it. */
  readonly missedBefore: number;
  /**
   * The next packets of the batch together, or undefined if there are none left; to be visited more than once. It may be
   * mixed with the loop: either goes on behind what the other took. All of a chunk count as handed out.
   */
  nextChunk(): PacketChunk | undefined;
}

/** A batch of one ring. */
export class RingBatch implements PacketBatch, Iterator<PacketView, undefined> {
  readonly #owner: BatchOwner;
  readonly #packet: PacketView;
  readonly #offsets: Uint32Array;
  readonly #caplens: Uint32Array;
  readonly #interfaces: Uint32Array;
  readonly #ordinals: Uint32Array;
  readonly #result: IteratorYieldResult<PacketView>;
  readonly #chunk = new RingChunk(this);
  #index = 0;
  #filled = 0;
  /** Records that the chunk stands for: more than it holds, if some were not selected. */
  #span = 0;
  /** Offset of the first record that is not in the chunk yet. */
  #ahead = 0;
  #softEnd = 0;
  #hardEnd = 0;
  #left = 0;
  /** Packets handed out of the chunks behind us, and records that those stood for. */
  #taken = 0;
  #examined = 0;
  /** What was touched is put here, so that the compiler doesn't leave out what nobody needs. */
  readonly #touched = new Int32Array(1);
  #undecided: number | undefined;
  #overwritten = 0;
  #sequenceLow = 0;
  #missedBefore = 0;

  /** `packet`: the view to move over the owner's memory. */
  constructor(owner: BatchOwner, packet: PacketView) {
    this.#owner = owner;
    this.#packet = packet;
    // A selector's results are read where it puts them.
    const results = owner.selector?.results ?? new Uint32Array(4 * CHUNK);
    this.#offsets = results.subarray(0, CHUNK);
    this.#caplens = results.subarray(CHUNK, 2 * CHUNK);
    this.#interfaces = results.subarray(2 * CHUNK, 3 * CHUNK);
    this.#ordinals = results.subarray(3 * CHUNK, 4 * CHUNK);
    this.#result = { done: false, value: packet };
  }

  get missedBefore(): number {
    return this.#missedBefore;
  }

  [Symbol.iterator](): Iterator<PacketView, undefined> {
    return this;
  }

  /** Moves the view to the next packet. */
  next(): IteratorResult<PacketView, undefined> {
    if (!this.hasNext()) return DONE;
    this.packetAt(this.#index++);
    return this.#result;
  }

  nextChunk(): PacketChunk | undefined {
    if (!this.hasNext()) return undefined;
    const first = this.#index;
    this.#index = this.#filled;
    return this.#chunk.reset(first, this.#filled - first);
  }

  /** For chunks: takes the next packet, which must be there. Its place is valid until further headers are read. */
  takePlace(): number {
    return this.#index++;
  }

  /** For chunks: the packet at a place that was taken. Throws RangeError once the batch is over: its memory may be gone. */
  packetAt(place: number): PacketView {
    if (place >= this.#filled) throw new RangeError('the batch of this packet is over');
    this.#packet.moveTo(this.#offsets[place]!, this.#caplens[place]!, this.#interfaces[place]!);
    return this.#packet;
  }

  /** For chunks: whether the packet at a place that was taken has not been overwritten so far. */
  isIntactAt(place: number): boolean {
    return place < this.#filled && this.#owner.isIntact(this.#offsets[place]!);
  }

  /** For chunks: whether to look for the next packet means to read headers, over those of the packets that were taken. */
  get isUsedUp(): boolean {
    return this.#index === this.#filled;
  }

  /** Whether there is a next packet: looks, without taking it. */
  hasNext(): boolean {
    return this.#index < this.#filled || this.#fill();
  }

  /** Whether the next packet is older than the other batch's. Both must have one. */
  isBefore(other: RingBatch): boolean {
    const difference = this.#nextWord(RecordField.tsNs + 4) - other.#nextWord(RecordField.tsNs + 4);
    if (difference !== 0) return difference < 0;
    return this.#nextWord(RecordField.tsNs) < other.#nextWord(RecordField.tsNs);
  }

  /** Offset of the first record that was not looked at. */
  get ahead(): number {
    return this.#ahead;
  }

  /** For the reader: starts over at `start`; records that begin before `softEnd` belong to it, none goes past `hardEnd`. */
  reset(start: number, softEnd: number, hardEnd: number, maxPackets: number, sequence: bigint, missed: number): void {
    this.#ahead = start;
    this.#softEnd = softEnd;
    this.#hardEnd = hardEnd;
    this.#left = maxPackets;
    this.#index = this.#filled = this.#span = this.#taken = this.#examined = this.#overwritten = 0;
    this.#undecided = undefined;
    this.#chunk.reset(0, 0);
    this.#sequenceLow = Number(BigInt.asUintN(32, sequence));
    this.#missedBefore = missed;
  }

  /** For the reader: the interface at which the batch ended, because nothing is decided about it yet. */
  get undecided(): number | undefined {
    return this.#undecided;
  }

  /** For the reader: how many packets were handed out and passed over, and the offset of the first that was neither. */
  finish(): { taken: number; filtered: number; next: number; overwritten: number } {
    this.#recheck();
    const index = this.#index;
    const isWhole = index === this.#filled;
    const taken = this.#taken + index;
    const examined = this.#examined + (isWhole ? this.#span : this.#ordinalOf(index));
    const next = isWhole ? this.#ahead : this.#offsets[index]!;
    const overwritten = this.#overwritten;
    this.reset(next, 0, 0, 0, 0n, 0);
    return { taken, filtered: examined - taken, next, overwritten };
  }

  /** Reads and checks the next chunk's headers. False: the batch is over, or the tap has overtaken us here. */
  #fill(): boolean {
    this.#recheck();
    this.#taken += this.#filled;
    this.#examined += this.#span;
    this.#index = this.#filled = this.#span = 0;
    if (this.#left === 0) return false;
    const { selector } = this.#owner;
    const first = this.#ahead;
    const matches = selector?.results[PassWord.matches];
    const wanted = Math.min(CHUNK, this.#left);
    const isStuck = selector === undefined ? this.#readAhead(wanted) : this.#selectAhead(selector, wanted);
    if (this.#span === 0 && !isStuck && this.#undecided === undefined) return false;
    // What was read counts only if it was still whole after it had been read.
    if (!this.#owner.isIntact(first)) {
      this.#ahead = first;
      this.#filled = this.#span = 0;
      this.#undecided = undefined;
      if (selector !== undefined) selector.results[PassWord.matches] = matches!;
      return false;
    }
    const isOther = this.#span > 0 && this.#owner.words[(first + RecordField.sequence) >>> 2] !== this.#sequenceLow;
    if (isStuck || isOther) this.#corrupt(first);
    this.#left -= this.#filled;
    this.#sequenceLow = (this.#sequenceLow + this.#span) >>> 0;
    return this.#filled > 0;
  }

  /** Every record. Whether it met one that can't be. */
  #readAhead(wanted: number): boolean {
    const { words, interfaces } = this.#owner;
    let offset = this.#ahead;
    let count = 0;
    let sum = 0;
    while (count < wanted && offset < this.#softEnd) {
      if (offset < this.#hardEnd - HEADERS_END) sum ^= words[(offset + HEADERS_END) >>> 2]!;
      const caplen = words[offset >>> 2]!;
      const interfaceAndFlags = words[(offset + RecordField.interfaceAndFlags) >>> 2]!;
      const interfaceIndex = interfaceAndFlags & INTERFACE_MASK;
      if (caplen > MAX_CAPLEN || interfaceIndex >= interfaces.length) break;
      const options = (interfaceAndFlags & HAS_OPTIONS) === 0 ? 0 : words[(offset + optionsOffset(caplen)) >>> 2]!;
      if (options > MAX_OPTIONS) break;
      this.#offsets[count] = offset;
      this.#interfaces[count] = interfaceIndex;
      this.#caplens[count++] = caplen;
      offset += recordBytes(caplen, options);
    }
    const isStuck = offset > this.#hardEnd || (count < wanted && offset < this.#softEnd);
    this.#touched[0] = sum;
    this.#ahead = offset;
    this.#filled = this.#span = count;
    return isStuck;
  }

  /** The records that the selector chooses. Whether it met one that can't be. */
  #selectAhead(selector: RecordSelector, wanted: number): boolean {
    const { results } = selector;
    selector.select(this.#ahead, this.#softEnd, this.#hardEnd, wanted);
    this.#ahead = results[PassWord.next]!;
    this.#filled = results[PassWord.count]!;
    this.#span = results[PassWord.examined]!;
    if (results[PassWord.end] !== PassEnd.undecided) return results[PassWord.end] === PassEnd.corrupt;
    this.#undecided = results[PassWord.undecided]!;
    return this.#undecided >= this.#owner.interfaces.length;
  }

  /** Records of the chunk before this packet. A selected one that was not handed out is the next due to be sampled. */
  #ordinalOf(index: number): number {
    const { selector } = this.#owner;
    if (selector === undefined) return index;
    selector.results[PassWord.matches] = selector.sample - 1;
    return this.#ordinals[index]!;
  }

  /** A word of the next packet's header. */
  #nextWord(field: number): number {
    return this.#owner.words[(this.#offsets[this.#index]! + field) >>> 2]!;
  }

  /** Packets of the chunk behind us that were overwritten by now may have been torn while they were looked at. */
  #recheck(): void {
    if (this.#index > 0) this.#overwritten += this.#owner.countOverwritten(this.#offsets, this.#index);
  }

  #corrupt(offset: number): never {
    throw new RingError('ERR_TAP_RING', `corrupt record in the ring: offset=${offset}; the tap is broken or hostile`);
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
