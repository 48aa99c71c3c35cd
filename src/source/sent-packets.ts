// A source that publishes what it is sent: packets are packed as send() is called, and go into the ring with one native call,
// in the order of the calls. Lossless consumers are waited for without blocking the event loop.

import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { ClosedError, type TapError } from '../errors.js';
import { core, type RingHandle } from '../native/core.js';
import { MAX_CAPLEN, RecordFlag } from '../packet/record.js';
import type { PacketLike, SendOptions } from './packet-like.js';
import type { PacketSource, SourceEnd } from './packet-source.js';
import { RecordBatch } from './record-batch.js';
import { SentInterfaces } from './sent-interfaces.js';

/** What the ring fills in itself, or what is not sent along: a packet of another tap may say it. */
const NOT_SENT = RecordFlag.truncated | RecordFlag.options;

/** How much is packed before it is copied into the ring. */
const PORTION_BYTES = 65_536;

/** Sends in a row before timers and sockets get their turn. */
const SENDS_PER_TURN = 128;

/** Looks at once, and then this often, whether lossless consumers have made room. */
const EAGER_LOOKS = 50;
const BEHIND_MS = 1;

const SENT = Promise.resolve();

/** Packets as they are sent. Started, stopped and told to be finished as often as anybody likes; the first end counts. */
export class SentPackets implements PacketSource {
  readonly description: string;
  readonly defaultPolicy = 'lossless';
  readonly #batch = new RecordBatch();
  #ring: RingHandle | undefined;
  #interfaces: SentInterfaces | undefined;
  #onEnd: ((end: SourceEnd) => void) | undefined;
  /** Sends that wait for room, one after the other. */
  #last: Promise<void> = SENT;
  #waiting = 0;
  #inARow = 0;

  /** `description`: what people call it. */
  constructor(description: string) {
    this.description = description;
  }

  start(ring: RingHandle, onEnd: (end: SourceEnd) => void): void {
    this.#ring = ring;
    this.#interfaces = new SentInterfaces(ring);
    this.#onEnd = onEnd;
  }

  /**
   * Publishes packets, waiting while the slowest lossless consumer is a whole ring behind. They are copied before it returns.
   * Rejects with TypeError or RangeError for one that can't be published, and then none of an array is; ERR_TAP_CLOSED before
   * the start and after the end; the signal's reason; ERR_TAP_SYSTEM for too many interfaces.
   */
  send(packets: Iterable<PacketLike>, { signal }: SendOptions = {}): Promise<void> {
    try {
      signal?.throwIfAborted();
      if (Array.isArray(packets)) for (const packet of packets) check(packet);
      const isSent = this.#pack(packets);
      return isSent ? SENT : this.#publishLater(this.#batch.records.slice(), signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The last packet was sent: ends once all are published. */
  async finish(): Promise<void> {
    await this.#last;
    this.#end({ reason: 'finished' });
  }

  /** Nothing more will come, for this reason. */
  fail(error: TapError): void {
    this.#end({ reason: 'failed', error });
  }

  /** Ends now. Sends that wait for room reject with ERR_TAP_CLOSED. */
  stop(): void {
    this.#end({ reason: 'stopped' });
  }

  /** True: all is in the ring; published in portions that stay in the cache meanwhile. False: the rest is in the batch. */
  #pack(packets: Iterable<PacketLike>): boolean {
    const interfaces = this.#interfaces;
    if (interfaces === undefined) throw closed();
    this.#batch.clear();
    let isHeld = this.#waiting > 0 || ++this.#inARow === SENDS_PER_TURN;
    for (const packet of packets) {
      this.#add(packet, interfaces);
      if (!isHeld && this.#batch.bytes >= PORTION_BYTES) isHeld = !this.#publishBatch();
    }
    return !isHeld && this.#publishBatch();
  }

  #add(packet: PacketLike, interfaces: SentInterfaces): void {
    check(packet);
    const { data, tsNs = core().realtimeNs(), origlen = data.length, flags = 0 } = packet;
    const interfaceIndex = interfaces.indexOf(packet.interface, packet.linktype);
    this.#batch.add(data, { origlen, tsNs, interfaceIndex, flags: flags & ~NOT_SENT });
  }

  /** False: lossless consumers are behind, and what there was no room for stays in the batch. */
  #publishBatch(): boolean {
    this.#batch.remove(this.#publish(this.#batch.records));
    return this.#batch.bytes === 0;
  }

  /** Bytes that there was room for. */
  #publish(records: Uint8Array): number {
    if (this.#ring === undefined || this.#onEnd === undefined) throw closed();
    return core().ringAppend(this.#ring, records);
  }

  /** After those that wait, and after the event loop has had a turn: that is when a consumer that has gone is noticed. */
  #publishLater(records: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    this.#inARow = 0;
    this.#waiting++;
    const sending = this.#last.then(() => this.#publishAll(records, signal));
    const settled = () => {
      this.#waiting--;
    };
    this.#last = sending.then(settled, settled);
    return sending;
  }

  async #publishAll(records: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    let left = records;
    for (let looks = 0; looks === 0 || left.length > 0; looks++) {
      await (looks < EAGER_LOOKS ? setImmediate() : delay(BEHIND_MS));
      signal?.throwIfAborted();
      left = left.subarray(this.#publish(left));
    }
  }

  #end(end: SourceEnd): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.(end);
  }
}

function check({ data }: PacketLike): void {
  if (!(data instanceof Uint8Array)) throw new TypeError('a packet has no data: a Uint8Array is expected');
  if (data.length > MAX_CAPLEN) throw new RangeError(`packet is too long: ${data.length}, at most ${MAX_CAPLEN} bytes`);
}

function closed(): ClosedError {
  return new ClosedError('ERR_TAP_CLOSED', 'packets were sent to a tap that has not started, or has ended');
}
