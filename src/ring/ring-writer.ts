// Writes a ring into plain memory, laid out as include/pkttap.h says: the native writer's protocol in TypeScript, for packets
// that are made here. Pure: it maps nothing and shares nothing. Plain memory can't be mapped twice, so each record is
// written to both copies of the data region. It waits for no reader: all of them are lossy.

import type { InterfaceInfo } from '../packet/interface.js';
import { commentOptions } from '../packet/options.js';
import { flagsOf, putOptions } from '../packet/packet-view.js';
import { INTERFACE_BITS, MAX_CAPLEN, RECORD_HEADER_BYTES, RecordField, recordBytes } from '../packet/record.js';
import { interfaceEntry } from './interface-entry.js';
import {
  BLOCK_BYTES,
  CHECKPOINT_BYTES,
  END_MESSAGE_BYTES,
  END_REASONS,
  type EndReason,
  RingField,
  RingState,
} from './layout.js';
import { createRingBuffer, type RingShape } from './ring-buffer.js';

/** One packet to be written. */
export interface RecordFields {
  /** At most 262,144 bytes. */
  readonly data: Uint8Array;
  /** Bytes it had on the wire. Default: data.length. */
  readonly origlen?: number;
  /** Nanoseconds since the Unix epoch; default 0. */
  readonly tsNs?: bigint;
  /** As addInterface() returned it; default 0. */
  readonly interfaceIndex?: number;
  /** At most 131,072 bytes with all that frames them. Default: none. */
  readonly comments?: readonly string[];
  /** RecordFlag bits beside `truncated` and `options`, which follow from the rest. */
  readonly flags?: number;
  /** Default 0, which says "not IP". docs/layout.md has the formula. */
  readonly flowHash?: number;
}

/** The one writer of a ring. Readers see what was written after {@link RingWriter.publish}, and whenever a block is full. */
export class RingWriter {
  /** Header, tables, the data region and its copy. */
  readonly buffer: ArrayBuffer;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #longs: BigUint64Array;
  readonly #words: Int32Array;
  readonly #capacity: bigint;
  readonly #dataOffset: number;
  /** Where the next record goes, what is reserved, and the next record's sequence. */
  #position: bigint;
  #reserved: bigint;
  #sequence: bigint;
  #received = 0n;
  #caplens = 0n;
  /** The block whose checkpoint was written last. */
  #block = -1n;
  #interfaceCount = 0;
  #interfacesEnd: number;

  /** Throws RangeError for a shape that is out of range. */
  constructor(shape: RingShape) {
    this.buffer = createRingBuffer(shape);
    this.#bytes = new Uint8Array(this.buffer);
    this.#view = new DataView(this.buffer);
    this.#longs = new BigUint64Array(this.buffer);
    this.#words = new Int32Array(this.buffer);
    this.#capacity = BigInt(shape.capacity);
    this.#dataOffset = this.#view.getUint32(RingField.dataOffset, true);
    this.#interfacesEnd = this.#view.getUint32(RingField.interfacesOffset, true);
    this.#position = this.#reserved = shape.firstPosition ?? 0n;
    this.#sequence = shape.firstSequence ?? 0n;
  }

  /** Adds to the interface table. Returns the index, from 0. Throws RangeError when the table is full. */
  addInterface(info: Omit<InterfaceInfo, 'index'>): number {
    const entry = interfaceEntry(info);
    if (this.#interfacesEnd + entry.length > this.#dataOffset) throw new RangeError('the interface table is full');
    this.#bytes.set(entry, this.#interfacesEnd);
    this.#interfacesEnd += entry.length;
    Atomics.store(this.#words, RingField.interfaceCount >>> 2, ++this.#interfaceCount);
    return this.#interfaceCount - 1;
  }

  /** Copies one packet into the ring, over what is a capacity behind it. Throws RangeError for one that is too large. */
  write(packet: RecordFields): void {
    const caplen = packet.data.length;
    if (caplen > MAX_CAPLEN) throw new RangeError(`packet is too large: caplen=${caplen} max=${MAX_CAPLEN}`);
    const options = commentOptions(packet.comments ?? []);
    const bytes = recordBytes(caplen, options.length);
    if (this.#position + BigInt(bytes) > this.#reserved) this.#reserve(bytes);
    this.#noteBlock();
    const offset = this.#dataOffset + Number(this.#position % this.#capacity);
    this.#putHeader(offset, packet, options);
    this.#bytes.set(packet.data, offset + RECORD_HEADER_BYTES);
    if (options.length > 0) putOptions({ bytes: this.#bytes, view: this.#view }, offset, caplen, options);
    this.#mirror(offset, bytes);
    this.#position += BigInt(bytes);
    this.#caplens += BigInt(caplen);
    this.#sequence++;
    this.#received++;
  }

  /** Shows readers everything written so far. */
  publish(): void {
    this.#put(RingField.received, this.#received);
    this.#put(RingField.bytes, this.#caplens);
    this.#put(RingField.sequence, this.#sequence);
    this.#put(RingField.tail, this.#position);
  }

  /** Publishes and marks the ring as ended. The message is cut to 239 bytes of UTF-8. */
  end(reason: EndReason, message = ''): void {
    this.publish();
    const room = this.#bytes.subarray(RingField.endMessage, RingField.endMessage + END_MESSAGE_BYTES - 1);
    new TextEncoder().encodeInto(message, room);
    this.#words[RingField.endReason >>> 2] = END_REASONS.indexOf(reason);
    Atomics.store(this.#words, RingField.state >>> 2, RingState.ended);
  }

  /** Says which bytes will be overwritten, to the end of a block, before any of them is. */
  #reserve(bytes: number): void {
    this.publish();
    this.#reserved = roundUpToBlock(this.#position + BigInt(bytes));
    this.#put(RingField.tailIntent, this.#reserved);
  }

  /** The first record that starts in a block is where a late or lapped reader can get in. */
  #noteBlock(): void {
    const block = this.#position / BigInt(BLOCK_BYTES);
    if (block === this.#block) return;
    this.#block = block;
    const checkpoints = this.#view.getUint32(RingField.checkpointsOffset, true);
    const entry = checkpoints + Number(block % (this.#capacity / BigInt(BLOCK_BYTES))) * CHECKPOINT_BYTES;
    this.#put(entry, this.#position);
    this.#put(entry + 8, this.#sequence);
  }

  #putHeader(offset: number, packet: RecordFields, options: Uint8Array): void {
    const { data, origlen = data.length, tsNs = 0n, interfaceIndex = 0, flowHash = 0 } = packet;
    const flags = (packet.flags ?? 0) | flagsOf(data, origlen, options);
    this.#view.setUint32(offset + RecordField.caplen, data.length, true);
    this.#view.setUint32(offset + RecordField.origlen, origlen, true);
    this.#view.setBigUint64(offset + RecordField.tsNs, tsNs, true);
    this.#view.setUint32(offset + RecordField.interfaceAndFlags, interfaceIndex | (flags << INTERFACE_BITS), true);
    this.#view.setUint32(offset + RecordField.flowHash, flowHash, true);
    this.#view.setBigUint64(offset + RecordField.sequence, this.#sequence, true);
  }

  /** Makes the other copy of the data region equal, for a record that starts in the first one and may end in the second. */
  #mirror(offset: number, bytes: number): void {
    const capacity = Number(this.#capacity);
    const seam = this.#dataOffset + capacity;
    const inFirst = Math.min(bytes, seam - offset);
    this.#bytes.copyWithin(offset + capacity, offset, offset + inFirst);
    this.#bytes.copyWithin(this.#dataOffset, seam, seam + bytes - inFirst);
  }

  #put(field: number, value: bigint): void {
    Atomics.store(this.#longs, field >>> 3, value);
  }
}

function roundUpToBlock(position: bigint): bigint {
  const block = BigInt(BLOCK_BYTES);
  return ((position + block - 1n) / block) * block;
}
