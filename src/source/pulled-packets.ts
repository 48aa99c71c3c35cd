// A source that asks for its packets: an array, a generator, a stream, any iterable. It asks for more only when what it got is
// published, so lossless consumers slow down whatever makes the packets.

import { TapError } from '../errors.js';
import type { RingHandle } from '../native/core.js';
import type { PacketLike } from './packet-like.js';
import type { PacketSource, SourceEnd } from './packet-source.js';
import { SentPackets } from './sent-packets.js';

type Item = PacketLike | Iterable<PacketLike>;

/** Packets, or batches of them, which cost less: each item of an async iterable is published as it comes. */
export type Packets = Iterable<Item> | AsyncIterable<Item>;

/** Packets of an iterable that are published together, unless a batch has more. */
const TOGETHER = 64;

/** Publishes what an iterable gives. */
export class PulledPackets implements PacketSource {
  readonly description: string;
  readonly defaultPolicy = 'lossless';
  readonly #packets: Packets;
  readonly #sent: SentPackets;
  readonly #stopping = new AbortController();

  /** `description`: what people call it. */
  constructor(packets: Packets, description: string) {
    this.description = description;
    this.#packets = packets;
    this.#sent = new SentPackets(description);
  }

  /** What the iterable throws ends the source as failed, with ERR_TAP_SOURCE_FAILED unless it is a TapError. */
  start(ring: RingHandle, onEnd: (end: SourceEnd) => void): void {
    this.#sent.start(ring, onEnd);
    void this.#pull();
  }

  /** At once, whatever the iterable is doing: it is told by its return(). */
  stop(): void {
    this.#sent.stop();
    this.#stopping.abort();
  }

  async #pull(): Promise<void> {
    const packets = this.#packets;
    try {
      if (Symbol.asyncIterator in packets) await this.#pullSlowly(packets[Symbol.asyncIterator]());
      else await this.#pullQuickly(packets[Symbol.iterator]());
      await this.#sent.finish();
    } catch (cause) {
      // Without effect after a stop.
      this.#sent.fail(failureOf(this.description, cause));
    }
  }

  /** Item by item: nobody knows when the next will come. */
  async #pullSlowly(items: AsyncIterator<Item>): Promise<void> {
    const { signal } = this.#stopping;
    const leave = () => void letGo(items);
    signal.addEventListener('abort', leave, { once: true });
    try {
      for (let next = await items.next(); !next.done; next = await items.next())
        await this.#sent.send(isPacket(next.value) ? [next.value] : next.value);
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #pullQuickly(items: Iterator<Item>): Promise<void> {
    const groups = new Groups(items);
    try {
      while (!groups.isOver) await this.#sent.send(groups.next());
    } finally {
      if (!groups.isOver) items.return?.();
    }
    if (groups.failure !== undefined) throw groups.failure.error;
  }
}

/** An iterator's packets, some at a time. They are taken one by one: all may be one object that is used again. */
class Groups {
  readonly #items: Iterator<Item>;
  isOver = false;
  /** What the iterator threw; packets that came before are given out all the same. */
  failure: { readonly error: unknown } | undefined;

  constructor(items: Iterator<Item>) {
    this.#items = items;
  }

  *next(): Generator<PacketLike, void, void> {
    for (let packets = 0; packets < TOGETHER; packets++) {
      const item = this.#take();
      if (item === undefined) return;
      if (isPacket(item)) yield item;
      else packets += yield* counted(item);
    }
  }

  #take(): Item | undefined {
    try {
      const { done = false, value } = this.#items.next();
      this.isOver = done;
      return done ? undefined : value;
    } catch (error) {
      this.isOver = true;
      this.failure = { error };
      return undefined;
    }
  }
}

function* counted(packets: Iterable<PacketLike>): Generator<PacketLike, number, void> {
  let count = 0;
  for (const packet of packets) {
    yield packet;
    count++;
  }
  return count;
}

function isPacket(item: Item): item is PacketLike {
  return !(Symbol.iterator in item);
}

/** Whatever it still does is its own business. */
async function letGo(items: AsyncIterator<Item>): Promise<void> {
  try {
    await items.return?.();
  } catch {
    // We have ended for a reason of ours already.
  }
}

function failureOf(description: string, cause: unknown): TapError {
  if (cause instanceof TapError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TapError('ERR_TAP_SOURCE_FAILED', `${description} gives no more packets: ${why}`, { cause });
}
