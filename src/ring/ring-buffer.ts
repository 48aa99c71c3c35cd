// An empty ring in plain memory: what the native side does with a memfd, without the memfd. The header is filled in as
// include/pkttap.h says; from then on the memory belongs to one writer.

import {
  BLOCK_BYTES,
  BLOCK_SHIFT,
  CHECKPOINT_BYTES,
  LAYOUT_VERSION,
  MAX_CAPACITY,
  MIN_CAPACITY,
  RING_HEADER_BYTES,
  RING_MAGIC,
  RingField,
  UNKNOWN,
} from './layout.js';

/** What is chosen when a ring is made. */
export interface RingShape {
  /** Bytes of the data region, a power of two from 1 MiB to 1 GiB. The buffer is twice as large, and the tables. */
  readonly capacity: number;
  /** Position of the first record, a multiple of 8; default 0. */
  readonly firstPosition?: bigint;
  /** Its sequence; default 0. */
  readonly firstSequence?: bigint;
}

/** At least; the table goes on to the next page. */
const INTERFACES_BYTES = 1 << 16;

/** Makes the memory of a ring. Throws RangeError for a shape that is out of range. */
export function createRingBuffer({ capacity, firstPosition = 0n, firstSequence = 0n }: RingShape): ArrayBuffer {
  const isPowerOfTwo = Number.isInteger(Math.log2(capacity));
  if (!isPowerOfTwo || capacity < MIN_CAPACITY || capacity > MAX_CAPACITY)
    throw new RangeError(`capacity must be a power of two from ${MIN_CAPACITY} to ${MAX_CAPACITY}: ${capacity}`);
  if (firstPosition % 8n !== 0n) throw new RangeError(`firstPosition must be a multiple of 8: ${firstPosition}`);

  const interfacesOffset = RING_HEADER_BYTES + (capacity >>> BLOCK_SHIFT) * CHECKPOINT_BYTES;
  const dataOffset = roundUp(interfacesOffset + INTERFACES_BYTES, RING_HEADER_BYTES);
  const buffer = new ArrayBuffer(dataOffset + 2 * capacity);
  const view = new DataView(buffer);
  const block = BigInt(BLOCK_BYTES);
  view.setBigUint64(RingField.magic, RING_MAGIC, true);
  view.setUint32(RingField.version, LAYOUT_VERSION, true);
  view.setUint32(RingField.dataOffset, dataOffset, true);
  view.setBigUint64(RingField.capacity, BigInt(capacity), true);
  view.setBigUint64(RingField.generation, BigInt(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)), true);
  view.setBigUint64(RingField.createdNs, BigInt(Date.now()) * 1_000_000n, true);
  view.setBigUint64(RingField.firstPosition, firstPosition, true);
  view.setBigUint64(RingField.firstSequence, firstSequence, true);
  view.setUint32(RingField.checkpointsOffset, RING_HEADER_BYTES, true);
  view.setUint32(RingField.interfacesOffset, interfacesOffset, true);
  view.setUint32(RingField.interfacesBytes, dataOffset - interfacesOffset, true);
  view.setBigUint64(RingField.tailIntent, ((firstPosition + block - 1n) / block) * block, true);
  view.setBigUint64(RingField.tail, firstPosition, true);
  view.setBigUint64(RingField.sequence, firstSequence, true);
  view.setBigUint64(RingField.kernelDropped, UNKNOWN, true);
  view.setBigUint64(RingField.interfaceDropped, UNKNOWN, true);
  return buffer;
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
