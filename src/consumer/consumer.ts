// The unprivileged side: a consumer's hold on a tap. It maps the rings read-only, hands out batches, sleeps when there is
// nothing to read, and tells every kind of end from every other. One consumer, one thread.

import { markAsUntransferable } from 'node:worker_threads';
import { encode } from '../control/codec.js';
import type { Connection } from '../control/connection.js';
import type { FromTap, Policy, WelcomeLane, WelcomeSession } from '../control/messages.js';
import { ClosedError, ProtocolError, RingError, TapError } from '../errors.js';
import { core, type NativeMapping } from '../native/core.js';
import { explain } from '../native/failure.js';
import type { InterfaceInfo } from '../packet/interface.js';
import { Cursor } from '../ring/cursor.js';
import { type Lane, Lanes } from '../ring/lanes.js';
import type { PacketBatch } from '../ring/packet-batch.js';
import { RingMemory } from '../ring/ring-memory.js';
import { type ReaderChoices, type ReaderCounters, RingReader } from '../ring/ring-reader.js';
import type { SourceCounters } from '../ring/source-counters.js';
import { Choosing } from './choosing.js';
import type { Dialed } from './dial.js';
import type { Choices } from './selection.js';
import { Waiting } from './waiting.js';

/** A clean end. finished: the source had no more. stopped: the tap was told to stop. detached: we left. */
export interface ConsumerEnd {
  readonly reason: 'finished' | 'stopped' | 'detached';
}

/** A consumer's own counts, and its tap's as last published. Since we attached: published = delivered + filtered + missed + lag. */
export interface ConsumerCounters extends ReaderCounters {
  readonly source: SourceCounters;
}

/** What a consumer wants, and how it waits. */
export interface ConsumerOptions extends Choices {
  /** The most packets of one batch of the iteration, from 1. What there is comes at once. Default: no limit. */
  readonly maxPackets?: number;
  /**
   * How long to wait for a packet, in milliseconds: then there is a batch of none, which is not the end. Default: no limit.
   */
  readonly maxWaitMs?: number;
  /**
   * Microseconds to look for packets again and again before going to sleep; `true`: never sleep. Takes a processor, and
   * spares the time that being woken takes. Default 0.
   */
  readonly busyPoll?: number | true;
  /** Told what the choices don't cover: a link type that the filter can't be compiled for, an interface not seen so far. */
  readonly onWarning?: (message: string) => void;
  /** Ends the consumer: whatever waits rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How long to wait for packets. */
export interface ReceiveOptions {
  /** As in {@link ConsumerOptions}, whose it is by default. */
  readonly maxWaitMs?: number;
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Batches handed out in a row before timers, signals and sockets get their turn. */
const BATCHES_PER_TURN = 16;

const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** A batch of no packets. */
const NOTHING: PacketBatch = { missedBefore: 0, [Symbol.iterator]: () => [].values() };

/**
 * A consumer: `for await (const batch of consumer) for (const packet of batch) …`. A batch is valid until the next is
 * asked for. The loop ends when the tap has ended cleanly ({@link Consumer.end} says how) or after {@link Consumer.close};
 * it throws ERR_TAP_DIED, ERR_TAP_SOURCE_FAILED, ERR_TAP_EVICTED, ERR_TAP_PROTOCOL or ERR_TAP_RING otherwise, after every
 * packet that was published has been handed out.
 */
export class Consumer implements AsyncIterable<PacketBatch>, Disposable, AsyncDisposable {
  /** The tap's name. */
  readonly tap: string;
  /** What the tap reads. */
  readonly source: string;
  readonly #connection: Connection;
  readonly #mappings: readonly NativeMapping[];
  readonly #options: ConsumerOptions;
  readonly #choosing: Choosing;
  readonly #lanes: Lanes;
  readonly #waiting: Waiting;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#waiting.wake();
  #policy: Policy;
  #end: ConsumerEnd | undefined;
  #failure: TapError | undefined;
  #gone: { readonly error: unknown } | undefined;
  #evicted: string | undefined;
  #closed = false;
  #isReceiving = false;
  #batchesThisTurn = 0;
  #lastCounters: ConsumerCounters | undefined;

  /** For attach(). Takes ownership of the connection and of the descriptors. Throws ERR_TAP_RING for memory that isn't as it must be. */
  constructor(dialed: Dialed, options: ConsumerOptions = {}) {
    const { connection, welcome } = dialed;
    this.tap = welcome.tap;
    this.source = welcome.source;
    this.#connection = connection;
    const { session, mappings } = accept(dialed);
    this.#mappings = mappings;
    try {
      const rings = session.lanes.map((_, i) => mappings[2 * i]!.buffer);
      this.#choosing = new Choosing(rings, options, connection, options.onWarning ?? (() => {}));
      const newest = session.policy === 'newest';
      const choicesOf = (lane: number) => ({ selector: this.#choosing.selections[lane], newest });
      this.#lanes = new Lanes(session.lanes.map((begin, i) => laneOf(mappings, i, begin, choicesOf(i))));
      this.#waiting = new Waiting(this.#lanes, options.busyPoll);
    } catch (error) {
      connection.close();
      this.#unmap();
      throw error;
    }
    this.#policy = session.policy;
    this.#options = options;
    this.#signal = options.signal;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    dialed.listen({
      onMessage: (message) => this.#onMessage(message),
      onReady: () => this.#waiting.wake(),
      onClose: (error) => {
        this.#gone ??= { error };
        this.#choosing.onClose();
        this.#waiting.wake();
      },
    });
  }

  /** lossless: the tap waits for us. Becomes lossy if we stall for longer than the tap's stall timeout. */
  get policy(): Policy {
    return this.#policy;
  }

  /** How the stream ended, once it has; undefined before and after an unclean end. */
  get end(): ConsumerEnd | undefined {
    return this.#end;
  }

  /** Interfaces seen so far; grows. `packet.interfaceIndex` is an index into it. */
  get interfaces(): readonly InterfaceInfo[] {
    if (!this.#closed) this.#lanes.refreshInterfaces();
    return this.#lanes.interfaces;
  }

  /** Counts as of now, or as of the close. Within a batch, its packets count as lag. */
  counters(): ConsumerCounters {
    return this.#lastCounters ?? { ...this.#lanes.counters(), source: this.#lanes.sourceCounters() };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PacketBatch, void, void> {
    for (;;) {
      const batch = await this.#next(this.#options.maxPackets ?? UNLIMITED);
      if (batch === null) return;
      yield batch;
    }
  }

  /**
   * Up to `max` packets of what is there, waiting only if there is nothing; null at the clean end; a batch of none after
   * `maxWaitMs`. Throws as the iteration does, RangeError for a max below 1, and TypeError while another call waits: a
   * consumer has one batch at a time. The batch is valid until the next call.
   */
  async receivePackets(max: number, options: ReceiveOptions = {}): Promise<PacketBatch | null> {
    if (!Number.isSafeInteger(max) || max < 1) throw new RangeError(`max must be a whole number from 1: ${max}`);
    const { signal, maxWaitMs } = options;
    const wake = () => this.#waiting.wake();
    signal?.addEventListener('abort', wake, { once: true });
    try {
      return await this.#next(max, maxWaitMs, signal);
    } finally {
      signal?.removeEventListener('abort', wake);
    }
  }

  /** Leaves the tap and gives the memory back. Views become unusable: they throw ERR_TAP_CLOSED. Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#lanes.release();
    this.#lastCounters = this.counters();
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#lanes.close();
    this.#connection.send(encode({ type: 'bye', reason: 'detached', message: '' }));
    this.#connection.close();
    this.#waiting.close();
    this.#unmap();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** For attach(): has the filter compiled for the interfaces that there are. Throws ERR_TAP_BAD_FILTER if it suits none. */
  async prepare(): Promise<void> {
    await this.#choosing.prepare(this.interfaces);
  }

  async #next(max: number, maxWaitMs = this.#options.maxWaitMs, signal?: AbortSignal): Promise<PacketBatch | null> {
    if (this.#isReceiving) throw new TypeError('packets are being waited for already: one call at a time');
    this.#isReceiving = true;
    try {
      return await this.#nextUntil(maxWaitMs === undefined ? Infinity : performance.now() + maxWaitMs, max, signal);
    } finally {
      this.#isReceiving = false;
    }
  }

  async #nextUntil(endMs: number, max: number, signal?: AbortSignal): Promise<PacketBatch | null> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#isOver()) return null;
      const batch = this.#take(max);
      if (this.#isTurnOver(batch)) await new Promise((resolve) => setImmediate(resolve));
      // Closed or aborted meanwhile: the batch's memory may be gone.
      if (this.#closed) continue;
      if (batch !== undefined) return batch;
      // Nothing is awaited from here to the sleep, or a wake-up could come in between and be lost.
      const undecided = this.#lanes.undecided();
      if (undecided.length > 0) {
        await this.#choosing.decide(undecided);
        continue;
      }
      const hasMore = this.#lanes.hasMore();
      if (!hasMore && this.#noteEnd()) continue;
      if (performance.now() >= endMs) return NOTHING;
      if (!hasMore) await this.#wait(endMs);
    }
  }

  /** Stretches of the ring of which nothing was chosen count as batches do. */
  #isTurnOver(batch: PacketBatch | undefined): boolean {
    if (batch === undefined && !this.#lanes.hasMore()) return false;
    this.#batchesThisTurn = (this.#batchesThisTurn + 1) % BATCHES_PER_TURN;
    return this.#batchesThisTurn === 0;
  }

  async #wait(endMs: number): Promise<void> {
    this.#batchesThisTurn = 0;
    const isReady = () => this.#lanes.hasMore() || this.#lanes.end() !== undefined || this.#gone !== undefined;
    await this.#waiting.wait(isReady, endMs);
  }

  #take(max: number): PacketBatch | undefined {
    try {
      return this.#lanes.take(max);
    } catch (error) {
      // Memory that contradicts itself is never looked at again.
      if (error instanceof RingError) this.#failure = error;
      throw error;
    }
  }

  /** Whether nothing more will come. Throws if that is for a bad reason. */
  #isOver(): boolean {
    this.#signal?.throwIfAborted();
    if (this.#closed) this.#end ??= { reason: 'detached' };
    if (this.#failure !== undefined) throw this.#failure;
    return this.#end !== undefined;
  }

  /** With nothing left to read: finds out whether and how the stream has ended. */
  #noteEnd(): boolean {
    const end = this.#lanes.end();
    // The end is published after the last packet: seeing the end first makes this look the last one.
    const gone = this.#gone;
    if (this.#lanes.hasMore()) return true;
    if (end === undefined && gone === undefined) return false;
    if (end === undefined || this.#evicted !== undefined) this.#failure = this.#uncleanEnd(gone?.error);
    else if (end.reason === 'failed')
      this.#failure = new TapError('ERR_TAP_SOURCE_FAILED', end.message, { tap: this.tap });
    else this.#end = { reason: end.reason };
    return true;
  }

  #uncleanEnd(error: unknown): TapError {
    const facts = { tap: this.tap, cause: error };
    if (this.#evicted !== undefined)
      return new ProtocolError('ERR_TAP_EVICTED', `the tap evicted us: ${this.#evicted}`, facts);
    if (error instanceof TapError) return error;
    const { delivered } = this.#lanes.counters();
    const message = `the tap died: tap=${this.tap} delivered=${delivered}; all that it had published was delivered`;
    return new ClosedError('ERR_TAP_DIED', message, facts);
  }

  #onMessage(message: FromTap): void {
    if (message.type === 'program') this.#choosing.onProgram(message);
    if (message.type === 'notice') this.#policy = 'lossy';
    if (message.type === 'bye' && message.reason === 'evicted') this.#evicted = message.message;
    this.#waiting.wake();
  }

  #unmap(): void {
    for (const mapping of this.#mappings) mapping.unmap();
  }
}

function laneOf(mappings: readonly NativeMapping[], index: number, begin: WelcomeLane, choices: ReaderChoices): Lane {
  const memory = new RingMemory(mappings[2 * index]!.buffer);
  const cursor = new Cursor(mappings[2 * index + 1]!.buffer);
  return { memory, cursor, reader: new RingReader(memory, cursor, begin, choices) };
}

/** Maps what came with the welcome; the descriptors are closed whatever happens. */
function accept(dialed: Dialed): { session: WelcomeSession; mappings: NativeMapping[] } {
  const { welcome, fds, connection } = dialed;
  const mappings: NativeMapping[] = [];
  try {
    if (welcome.session === undefined || fds.length !== 2 * welcome.session.lanes.length) {
      const message = `the tap sent other memory than its welcome says: descriptors=${fds.length}`;
      throw new ProtocolError('ERR_TAP_PROTOCOL', message, { tap: welcome.tap });
    }
    for (const [i, fd] of fds.entries()) mappings.push(i % 2 === 0 ? core().mapRing(fd) : core().mapCursor(fd));
    for (const { buffer } of mappings) markAsUntransferable(buffer);
    return { session: welcome.session, mappings };
  } catch (error) {
    for (const mapping of mappings) mapping.unmap();
    connection.close();
    throw explain(error, 'ERR_TAP_RING', "can't map the tap's memory", { tap: welcome.tap });
  } finally {
    for (const fd of fds) core().closeFd(fd);
  }
}
