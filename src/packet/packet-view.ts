// A packet as a consumer sees it: one reused object that moves over the ring (flyweight), so that looking at a packet
// allocates nothing. It reads shared memory that another process writes. Whoever moves it has read caplen and interface
// once and checked them; every later read is checked against that caplen, so a record that is overwritten meanwhile can
// give wrong bytes (ask isIntact() afterwards) but never bytes from outside the packet.

import { ClosedError } from '../errors.js';
import type { InterfaceInfo } from './interface.js';
import { commentOptions, commentsOf, wholeOptions } from './options.js';
import {
  INTERFACE_BITS,
  MAX_CAPLEN,
  MAX_OPTIONS,
  OPTIONS_LENGTH_BYTES,
  optionsOffset,
  RECORD_HEADER_BYTES,
  RecordField,
  RecordFlag,
  recordBytes,
} from './record.js';
import { nanosecondsOf, secondsOf } from './timestamp.js';

const NO_OPTIONS = new Uint8Array(0);

/** A caplen no index fits into: every read of a closed view fails its range check first and then says why. */
const CLOSED = -1;

/** Words that are copied one by one: for more it is faster to make an object that says which. */
const MAX_SINGLE_WORDS = 64;

/** Where a view's packets lie: three views of the same bytes, and the interfaces that its records refer to. */
export interface PacketMemory {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly view: DataView;
  /** Grows as interfaces appear; a record's interface is always in it by the time the record can be seen. */
  readonly interfaces: readonly InterfaceInfo[];
  /** Whether the record that starts at this byte offset has not been overwritten since the batch was taken. */
  isIntact(offset: number): boolean;
}

/**
 * One packet, in place. Valid until the next packet of the batch is taken: the object is reused. Keep a packet with
 * {@link PacketView.copy}. Offsets count from the packet's first byte; multi-byte reads are big-endian (network order).
 */
export class PacketView {
  readonly #memory: PacketMemory;
  readonly #view: DataView;
  readonly #words: Uint32Array;
  /** Byte offset of the packet's first byte in the memory. */
  #start = 0;
  #caplen = CLOSED;
  #interfaceIndex = 0;

  constructor(memory: PacketMemory) {
    this.#memory = memory;
    this.#view = memory.view;
    this.#words = memory.words;
  }

  /**
   * Points the view at the record that starts at `offset` (bytes, a multiple of 8). For readers of rings: whoever calls
   * this has made sure that the record lies inside the memory, and that its interface is known.
   */
  moveTo(offset: number, caplen: number, interfaceIndex: number): void {
    this.#start = offset + RECORD_HEADER_BYTES;
    this.#caplen = caplen;
    this.#interfaceIndex = interfaceIndex;
  }

  /** Makes every later read throw {@link ClosedError}. For readers of rings, when their mapping goes away. */
  close(): void {
    this.#caplen = CLOSED;
  }

  /** Bytes of the packet that were captured. */
  get caplen(): number {
    if (this.#caplen < 0) this.#refuse(0);
    return this.#caplen;
  }

  /** Bytes the packet had on the wire. */
  get origlen(): number {
    return this.#word(RecordField.origlen);
  }

  /** Nanoseconds since the Unix epoch. Allocates a bigint: prefer tsSec and tsNsec in a hot loop. */
  get tsNs(): bigint {
    return (BigInt(this.#word(RecordField.tsNs + 4)) << 32n) | BigInt(this.#word(RecordField.tsNs));
  }

  /** Whole seconds of the timestamp since the Unix epoch. */
  get tsSec(): number {
    return secondsOf(this.#word(RecordField.tsNs + 4), this.#word(RecordField.tsNs));
  }

  /** Nanoseconds within the second, 0 to 999,999,999. */
  get tsNsec(): number {
    return nanosecondsOf(this.#word(RecordField.tsNs + 4), this.#word(RecordField.tsNs));
  }

  /** Index of the packet's interface in the tap's interface table. */
  get interfaceIndex(): number {
    if (this.#caplen < 0) this.#refuse(0);
    return this.#interfaceIndex;
  }

  /** The interface the packet came in through. */
  get interface(): InterfaceInfo {
    return this.#memory.interfaces[this.interfaceIndex]!;
  }

  /** LINKTYPE_* number (https://www.tcpdump.org/linktypes.html) that says how the first byte is to be read. */
  get linktype(): number {
    return this.interface.linktype;
  }

  /** {@link RecordFlag} bits. */
  get flags(): number {
    const flags = this.#word(RecordField.interfaceAndFlags) >>> INTERFACE_BITS;
    // A consumer's own snaplen cuts the view, not the record.
    return this.#caplen < this.#word(RecordField.caplen) ? flags | RecordFlag.truncated : flags;
  }

  /** Whether the packet has only its beginning here (caplen < origlen). */
  get truncated(): boolean {
    return (this.flags & RecordFlag.truncated) !== 0;
  }

  /** Hash of addresses, ports and protocol, the same in both directions; see docs/layout.md. 0 for what is not IP. */
  get flowHash(): number {
    return this.#word(RecordField.flowHash);
  }

  /** Number of the packet since the tap began, from 0; of a capture in several threads, within its thread. Allocates a bigint. */
  get sequence(): bigint {
    return (BigInt(this.#word(RecordField.sequence + 4)) << 32n) | BigInt(this.#word(RecordField.sequence));
  }

  /** What the savefile's author wrote of this packet, in order; nearly always empty. Made at each call. */
  get comments(): string[] {
    return commentsOf(this.options);
  }

  /**
   * The packet's comments in place, as whole options of a little-endian pcapng Enhanced Packet Block; nearly always empty.
   * For writers of savefiles; as valid as `data` is.
   */
  get options(): Uint8Array {
    if ((this.flags & RecordFlag.options) === 0) return NO_OPTIONS;
    const record = this.#start - RECORD_HEADER_BYTES;
    // Behind all of the packet, however much of it this view shows.
    const at = record + optionsOffset(Math.min(this.#word(RecordField.caplen), MAX_CAPLEN));
    const bytes = this.#words[at >>> 2] ?? 0;
    // Longer only when it was overwritten meanwhile.
    if (bytes > MAX_OPTIONS) return NO_OPTIONS;
    return wholeOptions(this.#memory.bytes.subarray(at + OPTIONS_LENGTH_BYTES, at + OPTIONS_LENGTH_BYTES + bytes));
  }

  /**
   * The memory that the packet lies in, as little-endian words, of which its record begins at {@link wordIndex}: 8 words of
   * header, then the bytes. For decoders that read much of many packets; what is read here is checked against nothing.
   */
  get words(): Uint32Array {
    return this.#words;
  }

  /** Where the record begins in {@link words}. */
  get wordIndex(): number {
    return (this.#start - RECORD_HEADER_BYTES) >>> 2;
  }

  /** The byte at `index`. Throws RangeError outside the captured bytes. */
  u8(index: number): number {
    if (index >>> 0 >= this.#caplen) this.#refuse(index);
    return this.#view.getUint8(this.#start + (index >>> 0));
  }

  /** The two bytes at `index` as a big-endian number. Throws RangeError outside the captured bytes. */
  u16(index: number): number {
    if ((index >>> 0) + 2 > this.#caplen) this.#refuse(index);
    return this.#view.getUint16(this.#start + (index >>> 0));
  }

  /** The four bytes at `index` as a big-endian number. Throws RangeError outside the captured bytes. */
  u32(index: number): number {
    if ((index >>> 0) + 4 > this.#caplen) this.#refuse(index);
    return this.#view.getUint32(this.#start + (index >>> 0));
  }

  /**
   * The captured bytes, in place: an object made at each call over memory that is mapped read-only. Writing to it ends
   * the process (a message on standard error says so first). Valid as long as the view is; after a close it is empty.
   */
  get data(): Uint8Array {
    if (this.#caplen < 0) this.#refuse(0);
    return this.#memory.bytes.subarray(this.#start, this.#start + this.#caplen);
  }

  /**
   * Copies the captured bytes from `from` to before `to` to the same offsets of memory of one's own, given as 32-bit words
   * with room for `to` bytes. Spares the object that `data` is, which for a short packet costs more than the copy. Up to
   * three bytes on either side are overwritten, too. Throws RangeError outside the captured bytes.
   */
  copyTo(target: Int32Array, from: number, to: number): void {
    if (from >>> 0 > to || to > this.#caplen) this.#refuse(to);
    const start = this.#start >>> 2;
    const first = from >>> 2;
    const behind = (to + 3) >>> 2;
    if (behind - first > MAX_SINGLE_WORDS) target.set(this.#words.subarray(start + first, start + behind), first);
    else for (let i = first; i < behind; i++) target[i] = this.#words[start + i]!;
  }

  /** A packet of its own, with its own memory, that stays valid for as long as it is kept. */
  copy(): PacketView {
    if (this.#caplen < 0) this.#refuse(0);
    const record = this.#start - RECORD_HEADER_BYTES;
    const options = this.options;
    const memory = memoryOf(new ArrayBuffer(recordBytes(this.#caplen, options.length)), this.#memory.interfaces);
    memory.bytes.set(this.#memory.bytes.subarray(record, this.#start + this.#caplen));
    memory.words[RecordField.interfaceAndFlags >>> 2] = this.#interfaceIndex | (this.flags << INTERFACE_BITS);
    memory.words[RecordField.caplen >>> 2] = this.#caplen;
    if (options.length > 0) putOptions(memory, 0, this.#caplen, options);
    const packet = new PacketView(memory);
    packet.moveTo(0, this.#caplen, this.#interfaceIndex);
    return packet;
  }

  /**
   * Whether nothing read from this view so far can have been overwritten by the tap. Only a lossy consumer that is
   * being lapped can see false. Check after reading, before acting on what was read.
   */
  isIntact(): boolean {
    return this.#caplen >= 0 && this.#memory.isIntact(this.#start - RECORD_HEADER_BYTES);
  }

  /** A word of the record's header. */
  #word(field: number): number {
    if (this.#caplen < 0) this.#refuse(0);
    return this.#words[(this.#start - RECORD_HEADER_BYTES + field) >>> 2]!;
  }

  #refuse(index: number): never {
    if (this.#caplen < 0) throw new ClosedError('ERR_TAP_CLOSED', 'packet view used after its consumer was closed');
    throw new RangeError(`read outside the captured bytes: index=${index} caplen=${this.#caplen}`);
  }
}

/** Plain memory of one's own, in which nothing is ever overwritten. */
export function memoryOf(buffer: ArrayBuffer, interfaces: readonly InterfaceInfo[]): PacketMemory {
  return {
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    view: new DataView(buffer),
    interfaces,
    isIntact: () => true,
  };
}

/** Writes options behind a packet of this caplen, whose record starts at `offset`. */
export function putOptions(
  memory: Pick<PacketMemory, 'bytes' | 'view'>,
  offset: number,
  caplen: number,
  options: Uint8Array,
): void {
  const at = offset + optionsOffset(caplen);
  memory.view.setUint32(at, options.length, true);
  memory.bytes.set(options, at + OPTIONS_LENGTH_BYTES);
}

/** What a packet made by hand says of itself; everything but the bytes has a default. */
export interface PacketFields {
  readonly data: Uint8Array;
  /** Default: data.length. */
  readonly origlen?: number;
  /** Nanoseconds since the Unix epoch; default 0. */
  readonly tsNs?: bigint;
  /** Default: an Ethernet interface with index 0. */
  readonly interface?: InterfaceInfo;
  readonly flowHash?: number;
  readonly sequence?: bigint;
  /** At most 131,072 bytes with all that frames them. */
  readonly comments?: readonly string[];
  /** {@link RecordFlag} bits beside `truncated` and `options`, which follow from the rest. */
  readonly flags?: number;
}

const ETHERNET: InterfaceInfo = { index: 0, linktype: 1, snaplen: 0, section: 0, timestampSource: 'userspace' };

/** A packet with memory of its own, made from its parts: for sources written in JavaScript, and for tests. */
export function makePacket(fields: PacketFields): PacketView {
  const { data, origlen = data.length, tsNs = 0n, interface: from = ETHERNET, flowHash = 0, sequence = 0n } = fields;
  const interfaces: InterfaceInfo[] = [];
  interfaces[from.index] = from;
  const options = commentOptions(fields.comments ?? []);
  const memory = memoryOf(new ArrayBuffer(recordBytes(data.length, options.length)), interfaces);
  const flags = (fields.flags ?? 0) | flagsOf(data, origlen, options);
  memory.view.setUint32(RecordField.caplen, data.length, true);
  memory.view.setUint32(RecordField.origlen, origlen, true);
  memory.view.setBigUint64(RecordField.tsNs, tsNs, true);
  memory.view.setUint32(RecordField.interfaceAndFlags, from.index | (flags << INTERFACE_BITS), true);
  memory.view.setUint32(RecordField.flowHash, flowHash, true);
  memory.view.setBigUint64(RecordField.sequence, sequence, true);
  memory.bytes.set(data, RECORD_HEADER_BYTES);
  if (options.length > 0) putOptions(memory, 0, data.length, options);
  const packet = new PacketView(memory);
  packet.moveTo(0, data.length, from.index);
  return packet;
}

/** The flags that follow from what is in a record. */
export function flagsOf(data: Uint8Array, origlen: number, options: Uint8Array): number {
  return (data.length < origlen ? RecordFlag.truncated : 0) | (options.length > 0 ? RecordFlag.options : 0);
}
