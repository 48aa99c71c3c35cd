// A ring's memory as a reader sees it: typed views of the mapping and the header's fields by name. Pure: any ArrayBuffer
// laid out as include/pkttap.h says will do. Nothing read here is trusted further than its own bounds.

import { RingError } from '../errors.js';
import { InterfaceTable } from './interface-table.js';
import {
  BLOCK_SHIFT,
  CHECKPOINT_BYTES,
  END_MESSAGE_BYTES,
  END_REASONS,
  type EndReason,
  LAYOUT_VERSION,
  MAX_CAPACITY,
  MIN_CAPACITY,
  RING_HEADER_BYTES,
  RING_MAGIC,
  RingField,
  RingState,
  UNKNOWN,
} from './layout.js';
import type { SourceCounters } from './source-counters.js';

/** How a ring ended. */
export interface RingEnd {
  readonly reason: EndReason;
  /** For failed: what the source said. */
  readonly message: string;
}

/** Typed views of one mapping. Throws RingError if the header and the buffer contradict each other. */
export class RingMemory {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly view: DataView;
  readonly capacity: number;
  readonly dataOffset: number;
  readonly generation: bigint;
  readonly firstPosition: bigint;
  readonly firstSequence: bigint;
  readonly interfaces: InterfaceTable;
  readonly #longs: BigUint64Array;
  readonly #signedWords: Int32Array;
  readonly #headerWords: Uint32Array;
  readonly #checkpoints: number;

  /** `buffer`: header, tables, data region and the data region once more. */
  constructor(buffer: ArrayBuffer) {
    if (buffer.byteLength < RING_HEADER_BYTES) refuse(`bytes=${buffer.byteLength}`);
    this.view = new DataView(buffer);
    this.capacity = Number(this.view.getBigUint64(RingField.capacity, true));
    this.dataOffset = this.view.getUint32(RingField.dataOffset, true);
    this.#check(buffer.byteLength);
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
    this.#signedWords = new Int32Array(buffer, 0, this.dataOffset >>> 2);
    this.#headerWords = new Uint32Array(buffer, 0, RING_HEADER_BYTES >>> 2);
    this.#longs = new BigUint64Array(buffer, 0, this.dataOffset >>> 3);
    this.generation = this.view.getBigUint64(RingField.generation, true);
    this.firstPosition = this.view.getBigUint64(RingField.firstPosition, true);
    this.firstSequence = this.view.getBigUint64(RingField.firstSequence, true);
    this.#checkpoints = this.view.getUint32(RingField.checkpointsOffset, true);
    const checkpointsEnd = this.#checkpoints + (this.capacity >>> BLOCK_SHIFT) * CHECKPOINT_BYTES;
    if (checkpointsEnd > this.dataOffset) refuse(`checkpointsOffset=${this.#checkpoints}`);
    const interfacesAt = this.view.getUint32(RingField.interfacesOffset, true);
    const interfacesBytes = this.view.getUint32(RingField.interfacesBytes, true);
    if (interfacesAt + interfacesBytes > this.dataOffset) refuse(`interfacesOffset=${interfacesAt}`);
    this.interfaces = new InterfaceTable(new DataView(buffer, interfacesAt, interfacesBytes));
  }

  /** Published bytes. Everything the writer stored before it is visible after this (acquire). */
  get tail(): bigint {
    return Atomics.load(this.#longs, RingField.tail >>> 3);
  }

  /** Positions below this may be written at any moment; those more than a capacity below it are gone. */
  get tailIntent(): bigint {
    return Atomics.load(this.#longs, RingField.tailIntent >>> 3);
  }

  /**
   * How many bytes tailIntent is beyond a position, given by its halves: as a number, as a bigint costs an object. Exact below
   * 2^53, and never below that beyond.
   */
  intentBeyond(high: number, low: number): number {
    const before = Atomics.load(this.#headerWords, INTENT_HIGH);
    const bottom = Atomics.load(this.#headerWords, INTENT_HIGH - 1);
    const top = Atomics.load(this.#headerWords, INTENT_HIGH);
    // It has just stepped over a multiple of 2^32: no less than that is true of it, and was not before.
    const rest = top === before ? bottom : 0;
    return (top - high) * 2 ** 32 + (rest - low);
  }

  /** Sequence of the next packet to be published. */
  get sequence(): bigint {
    return Atomics.load(this.#longs, RingField.sequence >>> 3);
  }

  /** The source's counters, each as last published. */
  counters(): SourceCounters {
    return {
      received: Number(this.#long(RingField.received)),
      kernelDropped: known(this.#long(RingField.kernelDropped)),
      interfaceDropped: known(this.#long(RingField.interfaceDropped)),
      published: Number(this.sequence - this.firstSequence),
      bytes: Number(this.#long(RingField.bytes)),
    };
  }

  /** How the ring ended, or undefined while it is open. Once it is defined, the tail is the last. */
  end(): RingEnd | undefined {
    if (Atomics.load(this.#signedWords, RingField.state >>> 2) !== RingState.ended) return undefined;
    const reason = END_REASONS[this.words[RingField.endReason >>> 2]!] ?? 'failed';
    const raw = this.bytes.slice(RingField.endMessage, RingField.endMessage + END_MESSAGE_BYTES);
    const length = raw.indexOf(0);
    const message = new TextDecoder().decode(raw.subarray(0, length < 0 ? raw.length : length));
    return { reason: reason === 'none' ? 'failed' : reason, message };
  }

  /** Reads interfaces that appeared since the last call. */
  refreshInterfaces(): void {
    const count = Atomics.load(this.#signedWords, RingField.interfaceCount >>> 2);
    if (count !== this.interfaces.all.length) this.interfaces.readUpTo(count);
  }

  /** Byte offset in the mapping of a position in the ring. */
  offsetOf(position: bigint): number {
    return this.dataOffset + Number(position & BigInt(this.capacity - 1));
  }

  /** Where the first record of this block (position >> 16) starts, if the entry still speaks of that block. */
  checkpoint(block: bigint): { position: bigint; sequence: bigint } | undefined {
    const blocks = this.capacity >>> BLOCK_SHIFT;
    const at = (this.#checkpoints + Number(block % BigInt(blocks)) * CHECKPOINT_BYTES) >>> 3;
    const position = Atomics.load(this.#longs, at);
    const sequence = Atomics.load(this.#longs, at + 1);
    return position >> BigInt(BLOCK_SHIFT) === block ? { position, sequence } : undefined;
  }

  #long(field: number): bigint {
    return Atomics.load(this.#longs, field >>> 3);
  }

  #check(bufferBytes: number): void {
    const { view, capacity, dataOffset } = this;
    const version = view.getUint32(RingField.version, true);
    if (view.getBigUint64(RingField.magic, true) !== RING_MAGIC) refuse('wrong magic');
    if (version !== LAYOUT_VERSION) refuse(`layout version ${version}, this program reads version ${LAYOUT_VERSION}`);
    const isInRange = capacity >= MIN_CAPACITY && capacity <= MAX_CAPACITY;
    if (!isInRange || (capacity & (capacity - 1)) !== 0) refuse(`capacity=${capacity}`);
    // The mapping was made from a header that a hostile tap may have changed since: it is checked against what there is.
    const isWhole = dataOffset >= RING_HEADER_BYTES && dataOffset % 8 === 0;
    if (!isWhole || dataOffset + 2 * capacity !== bufferBytes) refuse(`bytes=${bufferBytes} capacity=${capacity}`);
  }
}

const INTENT_HIGH = (RingField.tailIntent >>> 2) + 1;

function refuse(what: string): never {
  throw new RingError('ERR_TAP_RING', `not a ring that can be read: ${what}`);
}

function known(counter: bigint): number | undefined {
  return counter === UNKNOWN ? undefined : Number(counter);
}
