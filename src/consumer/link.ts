// One hold on one tap: the connection, the memory that came with the welcome, and what is read of it. It ends with the tap or
// by close(), and tells every kind of end from every other. A consumer has one at a time.

import { encode } from '../control/codec.js';
import type { Connection } from '../control/connection.js';
import type { FromTap, Policy } from '../control/messages.js';
import { ClosedError, ProtocolError, TapError } from '../errors.js';
import type { InterfaceInfo } from '../packet/interface.js';
import { Cursor } from '../ring/cursor.js';
import { Lanes } from '../ring/lanes.js';
import { RingMemory } from '../ring/ring-memory.js';
import { RingReader } from '../ring/ring-reader.js';
import { Choosing } from './choosing.js';
import type { ConsumerOptions } from './consumer.js';
import { type Dialed, notWelcome } from './dial.js';
import { type GroupCounters, groupCounters } from './group-counters.js';
import { mapMemory, type TapMemory } from './tap-memory.js';
import { Waiting } from './waiting.js';

/** How a tap's stream has ended: cleanly, or for this reason. */
export type LinkEnd = { readonly reason: 'finished' | 'stopped' } | { readonly failure: TapError };

/** A tap, as long as it is attached to. */
export class Link {
  /** The tap's name. */
  readonly tap: string;
  /** What the tap reads. */
  readonly source: string;
  /** Whether it goes on where it was asked to; undefined, if it wasn't asked. */
  readonly resumed: boolean | undefined;
  readonly lanes: Lanes;
  readonly waiting: Waiting;
  readonly #connection: Connection;
  readonly #memory: TapMemory;
  readonly #choosing: Choosing;
  #policy: Policy;
  #gone: { readonly error: unknown } | undefined;
  #evicted: string | undefined;
  /** Of the share that we had, once we have left our share group: in each lane. */
  #ends: readonly bigint[] | undefined;

  /** Takes ownership of the connection and of the descriptors. Throws ERR_TAP_RING for memory that isn't as it must be. */
  constructor(dialed: Dialed, options: ConsumerOptions) {
    const { connection, welcome } = dialed;
    this.tap = welcome.tap;
    this.source = welcome.source;
    this.#connection = connection;
    this.#memory = closingOnError(connection, () => mapMemory(dialed));
    this.#policy = this.#memory.session.policy;
    this.resumed = options.resume === undefined ? undefined : (this.#memory.session.resumed ?? false);
    const { choosing, lanes } = closingOnError(connection, () => this.#open(options));
    this.#choosing = choosing;
    this.lanes = lanes;
    this.waiting = new Waiting(lanes, options.busyPoll);
    dialed.listen({
      onMessage: (message) => this.#onMessage(message),
      onReady: () => this.waiting.wake(),
      onClose: (error) => {
        this.#gone ??= { error };
        this.#choosing.onClose();
        this.waiting.wake();
      },
    });
  }

  /** lossless: the tap waits for us. Becomes lossy if we stall for longer than the tap's stall timeout. */
  get policy(): Policy {
    return this.#policy;
  }

  /** Has the filter compiled for the interfaces that there are. Throws ERR_TAP_BAD_FILTER if it suits none. */
  async prepare(): Promise<void> {
    this.lanes.refreshInterfaces();
    await this.#choosing.prepare(this.lanes.interfaces);
  }

  /** Has the filter compiled for these, too. */
  async decide(undecided: readonly InterfaceInfo[]): Promise<void> {
    await this.#choosing.decide(undecided);
  }

  /** Whether it is worth a look: there are packets, or there will never be any more. */
  isReady(): boolean {
    return this.lanes.hasMore() || this.lanes.end() !== undefined || this.#gone !== undefined;
  }

  /** With nothing left to read: whether and how the stream has ended. Look whether there is more once more after this. */
  end(): LinkEnd | undefined {
    const end = this.lanes.end();
    const gone = this.#gone;
    if (end === undefined && gone === undefined) return undefined;
    if (end === undefined || this.#evicted !== undefined) return { failure: this.#uncleanEnd(gone?.error) };
    if (end.reason !== 'failed') return { reason: end.reason };
    return { failure: new TapError('ERR_TAP_SOURCE_FAILED', end.message, { tap: this.tap }) };
  }

  /** Of the share group that we are a member of. */
  groupCounters(): GroupCounters | undefined {
    return this.#memory.shares && groupCounters(this.#memory.shares);
  }

  /** Has our flows given to the other members of our share group. False: we are in none. */
  leaveGroup(): boolean {
    if (this.#memory.shares === undefined) return false;
    this.#connection.send(encode({ type: 'leave' }));
    return true;
  }

  /** Whether we have left our share group and read all that was ours. Ends the batch. */
  hasReadShare(): boolean {
    const ends = this.#ends;
    if (ends === undefined) return false;
    this.lanes.release();
    return this.lanes.places().every(({ position }, i) => position >= (ends[i] ?? 0n));
  }

  /** Leaves the tap and gives the memory back: views become unusable. */
  close(): void {
    this.lanes.close();
    this.#connection.send(encode({ type: 'bye', reason: 'detached', message: '' }));
    this.#connection.close();
    this.waiting.close();
    this.#memory.unmap();
  }

  #open(options: ConsumerOptions): { choosing: Choosing; lanes: Lanes } {
    const { session, rings, cursors, shares, unmap } = this.#memory;
    try {
      const membership = session.share && shares && { shares, ...session.share };
      const choosing = new Choosing(rings, membership, options, this.#connection, options.onWarning ?? (() => {}));
      const newest = session.policy === 'newest';
      const lanes = session.lanes.map((begin, i) => {
        const memory = new RingMemory(rings[i]!);
        const cursor = new Cursor(cursors[i]!);
        const selector = choosing.selections[i];
        return { memory, cursor, reader: new RingReader(memory, cursor, begin, { selector, newest }) };
      });
      return { choosing, lanes: new Lanes(lanes) };
    } catch (error) {
      unmap();
      throw error;
    }
  }

  #uncleanEnd(error: unknown): TapError {
    const facts = { tap: this.tap, cause: error };
    if (this.#evicted !== undefined)
      return new ProtocolError('ERR_TAP_EVICTED', `the tap evicted us: ${this.#evicted}`, facts);
    if (error instanceof TapError) return error;
    const { delivered } = this.lanes.counters();
    const message = `the tap died: tap=${this.tap} delivered=${delivered}; all that it had published was delivered`;
    return new ClosedError('ERR_TAP_DIED', message, facts);
  }

  #onMessage(message: FromTap): void {
    if (message.type === 'program') this.#choosing.onProgram(message);
    if (message.type === 'refuse') this.#gone ??= { error: notWelcome(this.tap, message) };
    if (message.type === 'notice') this.#policy = 'lossy';
    if (message.type === 'left') this.#ends = message.ends;
    if (message.type === 'bye' && message.reason === 'evicted') this.#evicted = message.message;
    this.waiting.wake();
  }
}

function closingOnError<T>(connection: Connection, work: () => T): T {
  try {
    return work();
  } catch (error) {
    connection.close();
    throw error;
  }
}
