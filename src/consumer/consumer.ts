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
import { type ReaderCounters, RingReader } from '../ring/ring-reader.js';
import type { SourceCounters } from '../ring/source-counters.js';
import type { Dialed } from './dial.js';

/** A clean end. finished: the source had no more. stopped: the tap was told to stop. detached: we left. */
export interface ConsumerEnd {
  readonly reason: 'finished' | 'stopped' | 'detached';
}

/** A consumer's own counts, and its tap's as last published. Since we attached: published = delivered + filtered + missed + lag. */
export interface ConsumerCounters extends ReaderCounters {
  readonly source: SourceCounters;
}

/** How long to wait for packets. */
export interface ReceiveOptions {
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Batches handed out in a row before timers, signals and sockets get their turn. */
const BATCHES_PER_TURN = 16;

const UNLIMITED = Number.MAX_SAFE_INTEGER;

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
  readonly #lanes: Lanes;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#wake();
  #policy: Policy;
  #end: ConsumerEnd | undefined;
  #failure: TapError | undefined;
  #gone: { readonly error: unknown } | undefined;
  #evicted: string | undefined;
  #closed = false;
  #wake: () => void = () => {};
  #batchesThisTurn = 0;
  #lastCounters: ConsumerCounters | undefined;

  /** For attach(). Takes ownership of the connection and of the descriptors. Throws ERR_TAP_RING for memory that isn't as it must be. */
  constructor(dialed: Dialed, signal?: AbortSignal) {
    const { connection, welcome } = dialed;
    this.tap = welcome.tap;
    this.source = welcome.source;
    this.#connection = connection;
    const { session, mappings } = accept(dialed);
    this.#mappings = mappings;
    try {
      this.#lanes = new Lanes(session.lanes.map((begin, i) => laneOf(mappings, i, begin)));
    } catch (error) {
      connection.close();
      this.#unmap();
      throw error;
    }
    this.#policy = session.policy;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    dialed.listen({
      onMessage: (message) => this.#onMessage(message),
      onReady: () => this.#wake(),
      onClose: (error) => {
        this.#gone ??= { error };
        this.#wake();
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
      const batch = await this.#next(UNLIMITED);
      if (batch === null) return;
      yield batch;
    }
  }

  /**
   * Up to `max` packets of what is there, waiting only if there is nothing; null at the clean end. Throws as the iteration
   * does, and RangeError for a max below 1. The batch is valid until the next call.
   */
  async receivePackets(max: number, options: ReceiveOptions = {}): Promise<PacketBatch | null> {
    if (!Number.isSafeInteger(max) || max < 1) throw new RangeError(`max must be a whole number from 1: ${max}`);
    const { signal } = options;
    const wake = () => this.#wake();
    signal?.addEventListener('abort', wake, { once: true });
    try {
      return await this.#next(max, signal);
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
    this.#unmap();
    this.#wake();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async #next(max: number, signal?: AbortSignal): Promise<PacketBatch | null> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#isOver()) return null;
      const batch = this.#take(max);
      if (batch !== undefined) {
        if (++this.#batchesThisTurn < BATCHES_PER_TURN) return batch;
        this.#batchesThisTurn = 0;
        await new Promise((resolve) => setImmediate(resolve));
        // Closed or aborted meanwhile: the batch's memory may be gone.
        if (!this.#closed) return batch;
      } else if (!this.#noteEnd()) {
        this.#batchesThisTurn = 0;
        await this.#sleep();
      }
    }
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

  /** Waits for the doorbell, the end of the connection, an abort or a close. */
  async #sleep(): Promise<void> {
    const rung = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#lanes.sleep();
    // The tap may have published, or ended, just before it could see that we sleep.
    const ready = this.#lanes.hasMore() || this.#lanes.end() !== undefined || this.#gone !== undefined;
    if (!ready) await rung;
    if (!this.#closed) this.#lanes.wake();
  }

  #onMessage(message: FromTap): void {
    if (message.type === 'notice') this.#policy = 'lossy';
    if (message.type === 'bye' && message.reason === 'evicted') this.#evicted = message.message;
    this.#wake();
  }

  #unmap(): void {
    for (const mapping of this.#mappings) mapping.unmap();
  }
}

function laneOf(mappings: readonly NativeMapping[], index: number, begin: WelcomeLane): Lane {
  const memory = new RingMemory(mappings[2 * index]!.buffer);
  const cursor = new Cursor(mappings[2 * index + 1]!.buffer);
  return { memory, cursor, reader: new RingReader(memory, cursor, begin) };
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
