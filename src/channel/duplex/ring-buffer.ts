// A queue of elements of one size in shared memory: one process pushes, another pops, and neither makes a system call.

import { core, type NativeMapping } from '../../native/core.js';
import { explain } from '../../native/failure.js';
import { owned } from '../owned.js';
import { Indices, MAX_QUEUE_CAPACITY, QUEUE_HEADER_BYTES, type QueueShape } from './indices.js';

/** How an element lies in its slot. Both sides must have the same. */
export interface Element<T> {
  /** Bytes of a slot, from 1 to 16 MiB. */
  readonly bytes: number;
  write(slot: DataView, value: T): void;
  /** What it returns must not refer to the slot: that is overwritten. */
  read(slot: DataView): T;
}

const MAX_ELEMENT_BYTES = 1 << 24;

/** A queue that this process shares. Closed by close(), `using`, or when it is collected. */
export class RingBuffer<T> implements Disposable {
  readonly #memory: QueueMemory;
  readonly #indices: Indices;
  readonly #element: Element<T>;
  readonly #slots: readonly DataView[];

  /** A new queue of `capacity` elements. Throws RangeError, ERR_TAP_SYSTEM where memory runs out. */
  static create<T>(capacity: number, element: Element<T>): RingBuffer<T> {
    const shape = shapeOf(capacity, element);
    try {
      const { fd, ...mapping } = core().createShared(bytesOf(shape));
      return new RingBuffer(new QueueMemory(fd, mapping), Indices.create(mapping.buffer, 0, shape), element);
    } catch (error) {
      throw explain(error, 'ERR_TAP_SYSTEM', `can't make a queue: capacity=${capacity}`);
    }
  }

  /**
   * The same queue in another process: takes ownership of the descriptor that came from there. Throws ERR_TAP_RING if it is
   * none, or not of this capacity and element, and then the descriptor is still the caller's.
   */
  static open<T>(fd: number, capacity: number, element: Element<T>): RingBuffer<T> {
    const shape = shapeOf(capacity, element);
    const bytes = bytesOf(shape);
    let mapping: NativeMapping | undefined;
    try {
      mapping = core().mapShared(fd, bytes, bytes);
      return new RingBuffer(new QueueMemory(fd, mapping), Indices.open(mapping.buffer, 0, shape), element);
    } catch (error) {
      mapping?.unmap();
      throw explain(error, 'ERR_TAP_RING', "can't open a queue");
    }
  }

  private constructor(memory: QueueMemory, indices: Indices, element: Element<T>) {
    this.#memory = owned(this, memory);
    this.#indices = indices;
    this.#element = element;
    const { buffer } = memory;
    this.#slots = Array.from({ length: indices.capacity }, (_, i) => {
      return new DataView(buffer, QUEUE_HEADER_BYTES + i * element.bytes, element.bytes);
    });
  }

  /** The memory's descriptor, to be sent with `pkttap/fdpass` or as an `IpcFd` of a duplicate; it stays ours. */
  get fd(): number {
    return this.#memory.fd;
  }

  /** Elements that it holds at most. */
  get capacity(): number {
    return this.#indices.capacity;
  }

  /** Elements in it now. */
  get length(): number {
    return this.#indices.used;
  }

  /** Adds an element; false: it is full. Throws ERR_TAP_RING if the other side has broken it. */
  push(value: T): boolean {
    if (this.#indices.used === this.capacity) return false;
    this.#element.write(this.#slots[this.#indices.writeSlot]!, value);
    this.#indices.published(1);
    return true;
  }

  /** Takes the oldest element; undefined: it is empty. Throws ERR_TAP_RING if the other side has broken it. */
  pop(): T | undefined {
    if (this.#indices.used === 0) return undefined;
    const value = this.#element.read(this.#slots[this.#indices.readSlot]!);
    this.#indices.consumed(1);
    return value;
  }

  /** Gives memory and descriptor back here. Nothing may be called afterwards: it throws. Safe to call twice. */
  close(): void {
    this.#memory.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** OWNER of a queue's mapping and descriptor in this process. */
class QueueMemory {
  readonly fd: number;
  readonly #mapping: NativeMapping;
  #open = true;

  constructor(fd: number, mapping: NativeMapping) {
    this.fd = fd;
    this.#mapping = mapping;
  }

  get buffer(): ArrayBuffer {
    return this.#mapping.buffer;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#mapping.unmap();
    core().closeFd(this.fd);
  }
}

function shapeOf(capacity: number, { bytes }: Element<unknown>): QueueShape {
  const fits = bytes >= 1 && bytes <= MAX_ELEMENT_BYTES && capacity >= 1 && capacity * bytes <= MAX_QUEUE_CAPACITY;
  if (fits && Number.isInteger(bytes) && Number.isInteger(capacity)) return { slotBytes: bytes, capacity };
  throw new RangeError(
    `a queue has from 1 element and at most ${MAX_QUEUE_CAPACITY} bytes: ${capacity} of ${bytes} bytes`,
  );
}

function bytesOf({ slotBytes, capacity }: QueueShape): number {
  return QUEUE_HEADER_BYTES + slotBytes * capacity;
}
