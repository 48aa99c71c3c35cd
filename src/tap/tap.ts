// The privileged side: owns the source, the ring and the sessions. Packets never pass through here; this is the control
// plane, on one event loop. Nothing a consumer does can do more than end its own session.

import { geteuid, pid } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { checkTapName, socketPath } from '../control/address.js';
import type { ConsumerStats, ControlRequest, TapStats } from '../control/messages.js';
import { TapError } from '../errors.js';
import { core, isNativeFailure, type Poll, type RingCounters, type RingHandle } from '../native/core.js';
import { errnoName, explain } from '../native/failure.js';
import { MAX_CAPACITY, MIN_CAPACITY } from '../ring/layout.js';
import { addCounters } from '../ring/source-counters.js';
import type { PacketLike, SendOptions } from '../source/packet-like.js';
import type { PacketSource, SourceEnd } from '../source/packet-source.js';
import { PulledPackets } from '../source/pulled-packets.js';
import { SentPackets } from '../source/sent-packets.js';
import { StrangersFilters } from '../source/stranger-filter.js';
import { type AccessPolicy, mayAttach, mayControl } from './access.js';
import { groupId, userId } from './identity.js';
import { claimName, releaseName } from './name-claim.js';
import { Session, type SessionHost } from './session.js';
import type { PublishOptions, TapEnd, TapEvents, TapOptions } from './tap-options.js';

export type { PublishOptions, TapEnd, TapEvents, TapOptions } from './tap-options.js';

const REPLAY_RING_BYTES = 4 << 20;
const LIVE_RING_BYTES = 64 << 20;
const DEFAULT_STALL_TIMEOUT_MS = 30_000;
const DEFAULT_HELLO_TIMEOUT_MS = 5_000;

/** Sessions at once, over all users. */
const MAX_SESSIONS = 1024;

/** When descriptors run out, accepting waits this long instead of spinning. */
const ACCEPT_PAUSE_MS = 100;

/** Consumers that have not moved for this long are not waited for at the end; how often to look. */
const DRAIN_QUIET_MS = 500;
const DRAIN_STEP_MS = 5;

const END_REASON = { finished: 1, stopped: 2, failed: 3 } as const;

/** A tap: `const tap = Tap.open({ name, source }); tap.start(); await tap.ended`. Close it with `await using` or close(). */
export class Tap implements AsyncDisposable {
  readonly name: string;
  /** Path of the socket that consumers connect to. */
  readonly path: string;
  /** Settles when the source has ended and the last packet is published. Never rejects: a failure is in the result. */
  readonly ended: Promise<TapEnd>;
  readonly #source: PacketSource;
  readonly #ring: RingHandle;
  readonly #ringBytes: number;
  readonly #lanes: number;
  readonly #access: AccessPolicy;
  readonly #events: TapEvents;
  readonly #host: SessionHost;
  readonly #filters = new StrangersFilters();
  readonly #sessions = new Set<Session>();
  readonly #startedMs = Date.now();
  readonly #waiters = new Set<() => void>();
  readonly #listener: number;
  readonly #claimed: boolean;
  #handedOver = 0;
  #handOverUnknown = 0;
  #poll: Poll | undefined;
  #pause: NodeJS.Timeout | undefined;
  #state: 'waiting' | 'running' | 'ended' = 'waiting';
  #lastStats: TapStats | undefined;
  #end!: (end: TapEnd) => void;

  /**
   * Makes the ring, claims the name and accepts consumers from now on; packets flow after {@link Tap.start}. Throws
   * ERR_TAP_NAME_IN_USE, ERR_TAP_PERMISSION, ERR_TAP_SYSTEM (no memory, no descriptors), or RangeError.
   */
  static open(options: TapOptions, events: TapEvents = {}): Tap {
    return new Tap(options, events);
  }

  /**
   * A tap of packets that an iterable gives, from {@link Tap.start} on, or that {@link Tap.send} is given, from now on. An
   * iterable's end is the tap's; what it throws ends the tap as failed (ERR_TAP_SOURCE_FAILED). It is asked for more only as
   * fast as lossless consumers, which they are by default, read. Throws as open() does.
   */
  static publish({ packets, description = 'published', ...options }: PublishOptions, events?: TapEvents): Tap {
    if (packets !== undefined) return Tap.open({ ...options, source: new PulledPackets(packets, description) }, events);
    const tap = Tap.open({ ...options, source: new SentPackets(description) }, events);
    tap.start();
    return tap;
  }

  private constructor(options: TapOptions, events: TapEvents) {
    const { name, source, stallTimeoutMs = DEFAULT_STALL_TIMEOUT_MS } = options;
    const { helloTimeoutMs = DEFAULT_HELLO_TIMEOUT_MS } = options;
    checkTapName(name);
    this.name = name;
    this.path = options.listener === undefined ? socketPath(name, options.directory) : adopt(options.listener);
    this.#source = source;
    this.#events = events;
    this.#ringBytes = checkRingBytes(options.ringBytes ?? defaultRingBytes(source));
    this.#access = accessOf(options);
    this.#lanes = source.lanes ?? 1;
    this.#ring = createRing(this.#ringBytes, this.#lanes, stallTimeoutMs);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#host = this.#makeHost({
      defaultPolicy: options.defaultPolicy ?? source.defaultPolicy,
      stallTimeoutMs,
      helloTimeoutMs,
    });
    core().ringOnSessionChange(this.#ring, () => this.#review());
    this.#claimed = options.listener === undefined;
    this.#listener = options.listener ?? this.#claim(options);
    this.#listen();
  }

  /** Starts the source. Without effect after the first time, and after stop(). */
  start(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'running';
    this.#source.start(this.#ring, (end) => this.#onSourceEnd(end));
  }

  /**
   * Publishes packets: all or, if one can't be published, none (TypeError, RangeError). They are copied before this returns;
   * the promise waits while the slowest lossless consumer is a whole ring behind. Rejects with the signal's reason,
   * ERR_TAP_CLOSED once the tap has ended, ERR_TAP_SYSTEM for too many interfaces. TypeError if the packets come from
   * somewhere else.
   */
  async send(packets: Iterable<PacketLike>, options?: SendOptions): Promise<void> {
    await this.#sent().send(packets, options);
  }

  /** There is nothing more to send: once all is published, consumers' loops end as `finished`. TypeError as of send(). */
  async finish(): Promise<void> {
    await this.#sent().finish();
  }

  /** Asks the source to stop; {@link Tap.ended} settles soon after. Before start(): ends the tap at once. */
  stop(): void {
    if (this.#state === 'waiting') this.#onSourceEnd({ reason: 'stopped' });
    else this.#source.stop();
  }

  /** Waits until this many consumers are attached, or the signal aborts (rejects with its reason). */
  async waitForConsumers(count: number, signal?: AbortSignal): Promise<void> {
    while (this.#attached().length < count) {
      signal?.throwIfAborted();
      await this.#nextAttach(signal);
    }
  }

  /**
   * After the end: waits until every consumer has read everything or has left, so that the statistics are the last word.
   * Consumers that stand still are not waited for: what they have mapped stays readable without us. Or until the signal.
   */
  async drained(signal?: AbortSignal): Promise<void> {
    let before = '';
    for (let quietMs = 0; quietMs < DRAIN_QUIET_MS && !signal?.aborted; quietMs += DRAIN_STEP_MS) {
      const lags = this.stats().consumers.map(({ id, lag }) => ({ id, lag }));
      if (lags.every(({ lag }) => lag === 0)) return;
      const now = JSON.stringify(lags);
      if (now !== before) quietMs = 0;
      before = now;
      await delay(DRAIN_STEP_MS);
    }
  }

  /** Statistics as of now; after close(), as of the close. */
  stats(): TapStats {
    if (this.#lastStats !== undefined) return this.#lastStats;
    const counters = this.#counters();
    return {
      tap: this.name,
      pid,
      source: this.#source.description,
      startedMs: this.#startedMs,
      state: this.#state === 'running' && this.#source.control?.paused ? 'paused' : this.#state,
      lanes: this.#lanes,
      ringBytes: this.#ringBytes,
      ...counters,
      handedOver: this.#handedOver,
      handOverUnknown: this.#handOverUnknown,
      consumers: this.#attached().flatMap((session) => session.stats(counters.published) ?? []),
    };
  }

  /** Stops the source, waits for it, gives up name, sessions and memory. Consumers keep what was published. */
  async close(): Promise<void> {
    this.stop();
    await this.ended;
    if (this.#lastStats !== undefined) return;
    this.#lastStats = this.stats();
    if (this.#claimed) releaseName(this.path);
    clearTimeout(this.#pause);
    this.#poll?.close();
    core().closeFd(this.#listener);
    for (const session of [...this.#sessions]) session.close();
    core().releaseRing(this.#ring);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #sent(): SentPackets {
    if (this.#source instanceof SentPackets) return this.#source;
    throw new TypeError(
      `packets can be sent to a tap of Tap.publish() without \`packets\`; this one's come from ${this.#source.description}`,
    );
  }

  /** The next consumer that attaches, or the signal's abort. */
  async #nextAttach(signal?: AbortSignal): Promise<void> {
    let wake = () => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiters.add(wake);
    signal?.addEventListener('abort', wake);
    await woken;
    signal?.removeEventListener('abort', wake);
    this.#waiters.delete(wake);
  }

  /** A name that can't be had gives the ring's memory back at once. */
  #claim({ group, allowUsers = [], allowGroups = [], owner }: TapOptions): number {
    try {
      const gid = group === undefined ? undefined : groupId(group);
      return claimName({ path: this.path, gid, open: allowUsers.length + allowGroups.length > 0, owner });
    } catch (error) {
      core().releaseRing(this.#ring);
      throw error;
    }
  }

  #makeHost(timing: Pick<SessionHost, 'defaultPolicy' | 'stallTimeoutMs' | 'helloTimeoutMs'>): SessionHost {
    return {
      ...timing,
      name: this.name,
      ring: this.#ring,
      source: this.#source.description,
      pid,
      stats: () => this.stats(),
      published: () => this.#counters().published,
      mayControl: (peer) => mayControl(peer, this.#access),
      control: (request) => this.#control(request),
      compile: (filter, linktype) => this.#filters.compile(filter, linktype),
      onAttach: (session) => this.#onAttach(session),
      onHandOver: ({ packets, unknown }) => {
        this.#handedOver += packets;
        this.#handOverUnknown += unknown;
      },
      onClose: (session, error, last) => this.#onClose(session, error, last),
    };
  }

  #counters(): RingCounters {
    return core().ringCounters(this.#ring).reduce(addCounters);
  }

  async #control({ action, packets = 1, filter = '' }: ControlRequest): Promise<TapError | undefined> {
    const { control, description } = this.#source;
    if (this.#state === 'ended') return refusal('the tap has ended');
    if (action === 'set-filter') return this.#setFilter(filter);
    if (control === undefined)
      return refusal(`${description} can't be paused: only savefiles can, read by the native reader`);
    if (action === 'step') control.step(packets);
    else control[action]();
    return undefined;
  }

  async #setFilter(filter: string): Promise<TapError | undefined> {
    const { description } = this.#source;
    if (this.#source.setFilter === undefined)
      return refusal(`the filter of ${description} stays: only that of a capture by libpcap can change`);
    try {
      await this.#source.setFilter(filter);
      return undefined;
    } catch (error) {
      return error instanceof TapError ? error : refusal(String(error));
    }
  }

  #listen(): void {
    const native = core();
    this.#poll = new native.Poll(this.#listener, () => this.#acceptAll());
  }

  #acceptAll(): void {
    try {
      for (let fd = core().accept(this.#listener); fd !== undefined; fd = core().accept(this.#listener))
        this.#admit(fd);
    } catch (error) {
      // Out of descriptors: who waits goes on waiting, and the loop must not spin on a socket that stays readable.
      if (!isNativeFailure(error)) throw error;
      this.#events.onRefuse?.(`can't accept a consumer: ${errnoName(error.errno)}`);
      this.#poll?.close();
      this.#poll = undefined;
      this.#pause = setTimeout(() => this.#listen(), ACCEPT_PAUSE_MS);
    }
  }

  #admit(fd: number): void {
    const peer = core().peerCredentials(fd);
    const session = new Session(this.#host, fd, peer);
    this.#sessions.add(session);
    if (!mayAttach(peer, this.#access)) {
      this.#events.onRefuse?.(`refused a consumer: uid=${peer.uid} pid=${peer.pid} is not allowed`);
      session.refuse('ERR_TAP_REFUSED', `uid ${peer.uid} may not attach to this tap: start it with --allow-user`);
    } else if (this.#sessions.size > MAX_SESSIONS) {
      session.refuse('ERR_TAP_REFUSED', `the tap has ${MAX_SESSIONS} sessions, its most`);
    }
  }

  #onAttach(session: Session): void {
    const stats = session.stats(this.#host.published());
    if (stats !== undefined) this.#events.onAttach?.(stats);
    for (const wake of this.#waiters) wake();
  }

  #onClose(session: Session, error?: unknown, last?: ConsumerStats): void {
    this.#sessions.delete(session);
    if (session.name !== '') this.#events.onDetach?.(session.name, error, last);
  }

  #review(): void {
    for (const session of [...this.#sessions]) session.review();
  }

  #attached(): Session[] {
    return [...this.#sessions].filter((session) => session.attached);
  }

  #onSourceEnd(end: SourceEnd): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    const message = end.error?.message ?? '';
    core().ringEnd(this.#ring, END_REASON[end.reason], message);
    for (const session of this.#attached()) session.bye(end.reason, message);
    this.#end({ ...end, stats: this.stats() });
  }
}

function refusal(why: string): TapError {
  return new TapError('ERR_TAP_REFUSED', why);
}

function createRing(ringBytes: number, lanes: number, stallTimeoutMs: number): RingHandle {
  try {
    return core().createRing(ringBytes, stallTimeoutMs, 0n, 0n, lanes);
  } catch (error) {
    const size = `ringBytes=${ringBytes}${lanes > 1 ? ` lanes=${lanes}` : ''}`;
    throw explain(error, 'ERR_TAP_SYSTEM', `can't make a ring: ${size}; a smaller --ring-size may fit`);
  }
}

function adopt(listener: number): string {
  try {
    return core().adoptListener(listener);
  } catch (error) {
    const what = `can't accept consumers on descriptor ${listener}`;
    throw explain(error, 'ERR_TAP_SYSTEM', `${what}; systemd.socket(5): ListenSequentialPacket=`);
  }
}

function defaultRingBytes(source: PacketSource): number {
  return source.defaultPolicy === 'lossless' ? REPLAY_RING_BYTES : LIVE_RING_BYTES;
}

function checkRingBytes(bytes: number): number {
  const isPowerOfTwo = Number.isInteger(Math.log2(bytes));
  if (isPowerOfTwo && bytes >= MIN_CAPACITY && bytes <= MAX_CAPACITY) return bytes;
  throw new RangeError(`ringBytes must be a power of two from ${MIN_CAPACITY} to ${MAX_CAPACITY}: ${bytes}`);
}

function accessOf({ group, allowUsers = [], allowGroups = [], owner = geteuid?.() ?? 0 }: TapOptions): AccessPolicy {
  const groups = group === undefined ? allowGroups : [group, ...allowGroups];
  return {
    ownUid: owner,
    users: new Set(allowUsers.map(userId)),
    groups: new Set(groups.map(groupId)),
  };
}
