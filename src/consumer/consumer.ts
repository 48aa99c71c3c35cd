// The unprivileged side: a consumer's hold on a tap. It hands out batches, sleeps when there is nothing to read, and tells
// every kind of end from every other. One consumer, one thread.

import type { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Policy } from '../control/messages.js';
import { RingError, TapError } from '../errors.js';
import type { InterfaceInfo } from '../packet/interface.js';
import type { PacketView } from '../packet/packet-view.js';
import { addReaderCounters } from '../ring/lanes.js';
import type { PacketBatch } from '../ring/packet-batch.js';
import type { ReaderCounters } from '../ring/ring-reader.js';
import type { SourceCounters } from '../ring/source-counters.js';
import type { Dialed } from './dial.js';
import type { GroupCounters } from './group-counters.js';
import { Link, type LinkEnd } from './link.js';
import { resumeTokenOf } from './resume-token.js';
import type { Choices } from './selection.js';
import { type PacketStreamOptions, readableOf, streamOf } from './streams.js';
import { type Redial, Successor } from './successor.js';

/** A clean end. finished: the source had no more. stopped: the tap was told to stop. detached: we left. */
export interface ConsumerEnd {
  readonly reason: 'finished' | 'stopped' | 'detached';
}

/** A consumer's own counts, and its tap's as last published. Since we attached: published = delivered + filtered + missed + lag. */
export interface ConsumerCounters extends ReaderCounters {
  readonly source: SourceCounters;
  /** For a member of a share group. */
  readonly group?: GroupCounters;
  /**
   * How often an unknown number of packets was lost between two taps: after a restart that was followed, and where a token to
   * resume by was of a tap that is gone. `source` has the present tap's counts, all others are of all taps together.
   */
  readonly gaps: number;
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
  /** Go on where another consumer was: its {@link Consumer.resumeToken}. {@link Consumer.resumed} says if that was possible. */
  readonly resume?: string;
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
const NOTHING: PacketBatch = { missedBefore: 0, [Symbol.iterator]: () => [].values(), nextChunk: () => undefined };

/**
 * A consumer: `for await (const batch of consumer) for (const packet of batch) …`. A batch is valid until the next is
 * asked for. The loop ends when the tap has ended cleanly ({@link Consumer.end} says how) or after {@link Consumer.close};
 * it throws ERR_TAP_DIED, ERR_TAP_SOURCE_FAILED, ERR_TAP_EVICTED, ERR_TAP_PROTOCOL or ERR_TAP_RING otherwise, after every
 * packet that was published has been handed out.
 */
export class Consumer implements AsyncIterable<PacketBatch>, Disposable, AsyncDisposable {
  readonly #options: ConsumerOptions;
  readonly #redial: Redial | undefined;
  #link: Link;
  #successor: Successor | undefined;
  /** Of taps that have gone. */
  #before: ReaderCounters | undefined;
  #gaps = 0;
  #lastToken: string | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => {
    this.#successor?.close();
    this.#link.waiting.wake();
  };
  #end: ConsumerEnd | undefined;
  #failure: TapError | undefined;
  #closed = false;
  #isReceiving = false;
  #batchesThisTurn = 0;
  #lastCounters: ConsumerCounters | undefined;

  /**
   * For attach(). Takes ownership of the connection and of the descriptors. `redial`: to follow the tap through restarts. Throws
   * ERR_TAP_RING for memory that isn't as it must be.
   */
  constructor(dialed: Dialed, options: ConsumerOptions = {}, redial?: Redial) {
    this.#options = options;
    this.#redial = redial;
    this.#link = new Link(dialed, options);
    if (this.#link.resumed === false) this.#gaps++;
    this.#signal = options.signal;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The tap's name. */
  get tap(): string {
    return this.#link.tap;
  }

  /** What the tap reads. */
  get source(): string {
    return this.#link.source;
  }

  /** lossless: the tap waits for us. Becomes lossy if we stall for longer than the tap's stall timeout. */
  get policy(): Policy {
    return this.#link.policy;
  }

  /** Whether it goes on where the option `resume` said; if not, the tap is another one. Undefined without that option. */
  get resumed(): boolean | undefined {
    return this.#link.resumed;
  }

  /**
   * Where we are, for another consumer's `resume`, even in another process: at the next packet; within a batch at the batch's
   * first; after close() at the first that was not handed out.
   */
  get resumeToken(): string {
    return this.#lastToken ?? resumeTokenOf(this.#link.lanes.places());
  }

  /**
   * The sequence of the next packet; within a batch, of its first; after close() of the first that was not handed out. Packets
   * that were not chosen count as handed out. Undefined for a tap that captures in several threads.
   */
  get nextSequence(): bigint | undefined {
    return this.#link.lanes.nextSequence;
  }

  /** How the stream ended, once it has; undefined before and after an unclean end. */
  get end(): ConsumerEnd | undefined {
    return this.#end;
  }

  /** Interfaces seen so far; grows. `packet.interfaceIndex` is an index into it. */
  get interfaces(): readonly InterfaceInfo[] {
    if (!this.#closed) this.#link.lanes.refreshInterfaces();
    return this.#link.lanes.interfaces;
  }

  /** Counts as of now, or as of the close. Within a batch, its packets count as lag. */
  counters(): ConsumerCounters {
    return this.#lastCounters ?? this.#countersNow();
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
    const wake = () => this.#link.waiting.wake();
    signal?.addEventListener('abort', wake, { once: true });
    try {
      return await this.#next(max, maxWaitMs, signal);
    } finally {
      signal?.removeEventListener('abort', wake);
    }
  }

  /**
   * All packets as a Readable of objects, each a copy that can be kept; those that the tap overwrote while they were copied are
   * left out, and counted as `overwritten`. It has the consumer to itself: its end, an error and destroy() close the consumer.
   * Ends and fails as the iteration does.
   */
  readable(options: PacketStreamOptions = {}): Readable {
    return readableOf(this, options);
  }

  /** The same as a web stream: cancel() closes the consumer, and a signal's abort gives its reason. */
  stream(options: PacketStreamOptions = {}): ReadableStream<PacketView> {
    return streamOf(this, options);
  }

  /**
   * Leaves without leaving packets behind: the tap gives our flows to the other members of our share group, and the iteration
   * ends, as after close(), once it has handed out what was ours. In no share group, or while the tap is away, it is close().
   */
  leave(): void {
    if (this.#closed) return;
    if (this.#successor !== undefined || !this.#link.leaveGroup()) this.close();
  }

  /** Leaves the tap and gives the memory back. Views become unusable: they throw ERR_TAP_CLOSED. Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#link.lanes.release();
    this.#lastCounters = this.counters();
    this.#lastToken = this.resumeToken;
    this.#closed = true;
    this.#successor?.close();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#link.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** For attach(): has the filter compiled for the interfaces that there are. Throws ERR_TAP_BAD_FILTER if it suits none. */
  async prepare(): Promise<void> {
    await this.#link.prepare();
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
      if (this.#link.hasReadShare()) {
        this.close();
        continue;
      }
      const batch = this.#take(max);
      if (this.#isTurnOver(batch)) await new Promise((resolve) => setImmediate(resolve));
      // Closed or aborted meanwhile: the batch's memory may be gone.
      if (this.#closed) continue;
      if (batch !== undefined) return batch;
      // Nothing is awaited from here to the sleep, or a wake-up could come in between and be lost.
      const undecided = this.#link.lanes.undecided();
      if (undecided.length > 0) {
        await this.#link.decide(undecided);
        continue;
      }
      if (this.#successor?.isFound) {
        await this.#goOnWithSuccessor();
        continue;
      }
      const hasMore = this.#link.lanes.hasMore();
      if (!hasMore && this.#noteEnd()) continue;
      if (performance.now() >= endMs) return NOTHING;
      if (!hasMore) await this.#wait(endMs);
    }
  }

  /** Stretches of the ring of which nothing was chosen count as batches do. */
  #isTurnOver(batch: PacketBatch | undefined): boolean {
    if (batch === undefined && !this.#link.lanes.hasMore()) return false;
    this.#batchesThisTurn = (this.#batchesThisTurn + 1) % BATCHES_PER_TURN;
    return this.#batchesThisTurn === 0;
  }

  async #wait(endMs: number): Promise<void> {
    this.#batchesThisTurn = 0;
    const isReady = () => (this.#successor === undefined ? this.#link.isReady() : this.#successor.isFound);
    await this.#link.waiting.wait(isReady, endMs);
  }

  #take(max: number): PacketBatch | undefined {
    try {
      return this.#link.lanes.take(max);
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
    const end = this.#link.end();
    // The end is published after the last packet: seeing the end first makes this look the last one.
    if (this.#link.lanes.hasMore()) return true;
    if (end === undefined || this.#successor !== undefined) return false;
    if (this.#redial !== undefined && isWorthFollowing(end)) {
      this.#successor = new Successor(this.#redial, this.resumeToken, () => this.#link.waiting.wake());
      return true;
    }
    if ('failure' in end) this.#failure = end.failure;
    else this.#end = end;
    return true;
  }

  /** Once the tap has come back: leaves the old one for it. */
  async #goOnWithSuccessor(): Promise<void> {
    const found = this.#successor?.take();
    if (found === undefined) return;
    this.#successor = undefined;
    try {
      if ('error' in found) throw found.error;
      const link = new Link(found.dialed, this.#options);
      this.#before = this.#readerCounters();
      this.#gaps++;
      this.#link.close();
      this.#link = link;
      await link.prepare();
    } catch (error) {
      if (!(error instanceof TapError)) throw error;
      this.#failure = error;
    }
  }

  #readerCounters(): ReaderCounters {
    const counters = this.#link.lanes.counters();
    return this.#before === undefined ? counters : addReaderCounters(this.#before, counters);
  }

  #countersNow(): ConsumerCounters {
    const group = this.#link.groupCounters();
    const source = this.#link.lanes.sourceCounters();
    return { ...this.#readerCounters(), source, gaps: this.#gaps, ...(group && { group }) };
  }
}

/** A source that has no more is at its end. One that was stopped, or broke, may be started again. */
function isWorthFollowing(end: LinkEnd): boolean {
  if ('reason' in end) return end.reason === 'stopped';
  return ['ERR_TAP_DIED', 'ERR_TAP_SOURCE_FAILED'].includes(end.failure.code);
}
