// A consumer's packets as streams of objects, for code that is made of streams. Each packet is a copy with memory of its own, so
// that it can wait in buffers: this costs what a batch spares. A stream has the consumer to itself and ends it.

import { Readable, type ReadableOptions } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import type { PacketView } from '../packet/packet-view.js';
import type { PacketBatch } from '../ring/packet-batch.js';

/** How a stream of packets buffers. */
export interface PacketStreamOptions {
  /** Packets kept ready for a reader, from 1. Default 256. */
  readonly highWaterMark?: number;
  /** Destroys the stream: a Readable with an AbortError whose cause is the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What a stream needs of its consumer. */
export interface PacketReader {
  receivePackets(max: number): Promise<PacketBatch | null>;
  close(): void;
}

const DEFAULT_HIGH_WATER_MARK = 256;

/** See {@link Consumer.readable}. */
export function readableOf(reader: PacketReader, options: PacketStreamOptions): Readable {
  const { highWaterMark = DEFAULT_HIGH_WATER_MARK, signal } = options;
  return new PacketReadable(reader, { highWaterMark, ...(signal && { signal }) });
}

/** See {@link Consumer.stream}. */
export function streamOf(reader: PacketReader, options: PacketStreamOptions): ReadableStream<PacketView> {
  const { highWaterMark = DEFAULT_HIGH_WATER_MARK, signal } = options;
  let onAbort = () => {};
  const leave = () => {
    signal?.removeEventListener('abort', onAbort);
    reader.close();
  };
  return new ReadableStream<PacketView>(
    {
      start(controller) {
        onAbort = () => {
          controller.error(signal?.reason);
          leave();
        };
        if (signal?.aborted) onAbort();
        else signal?.addEventListener('abort', onAbort, { once: true });
      },
      async pull(controller) {
        const packets = await copiesOf(reader, Math.max(1, controller.desiredSize ?? 1)).catch((error) => {
          leave();
          throw error;
        });
        // Errored or cancelled meanwhile: there is nobody to give them to.
        if (controller.desiredSize === null) return;
        for (const packet of packets ?? []) controller.enqueue(packet);
        if (packets !== null) return;
        controller.close();
        leave();
      },
      cancel: leave,
    },
    { highWaterMark },
  );
}

class PacketReadable extends Readable {
  readonly #reader: PacketReader;
  #isReading = false;
  #isWanted = false;

  constructor(reader: PacketReader, options: ReadableOptions) {
    super({ ...options, objectMode: true });
    this.#reader = reader;
  }

  /** Asked again while packets are pushed: then it goes on afterwards, for a consumer has one batch at a time. */
  override _read(size: number): void {
    this.#isWanted = true;
    if (!this.#isReading) void this.#fill(size);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#reader.close();
    callback(error);
  }

  async #fill(size: number): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#isWanted && !this.destroyed) {
        const packets = await copiesOf(this.#reader, Math.max(1, size));
        this.#isWanted = packets !== null && packets.length === 0;
        for (const packet of packets ?? []) this.push(packet);
        if (packets === null) this.push(null);
      }
    } catch (error) {
      this.destroy(error as Error);
    } finally {
      this.#isReading = false;
    }
  }
}

/** Those that were overwritten while they were copied are left out; the consumer's counters have them. */
async function copiesOf(reader: PacketReader, max: number): Promise<PacketView[] | null> {
  const batch = await reader.receivePackets(max);
  if (batch === null) return null;
  const copies: PacketView[] = [];
  for (const packet of batch) {
    const copy = packet.copy();
    if (packet.isIntact()) copies.push(copy);
  }
  return copies;
}
