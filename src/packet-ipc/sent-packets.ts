// The source of a connection's ring: packets as they are sent, copied once, into the ring.

import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { ClosedError } from '../errors.js';
import { core, type NativeInterface, type RingHandle } from '../native/core.js';
import { explain } from '../native/failure.js';
import type { InterfaceInfo } from '../packet/interface.js';
import { MAX_CAPLEN } from '../packet/record.js';
import type { PacketSource, SourceEnd } from '../source/packet-source.js';
import { RecordBatch } from '../source/record-batch.js';
import type { AsIpcPacket } from './packet.js';

/** How much is packed before it is copied into the ring. */
const PORTION_BYTES = 65_536;

const NO_RECORDS = new Uint8Array();
const ETHERNET = 1;
const NO_INTERFACE: Partial<InterfaceInfo> = {};

/** `enum` of the timestamps' sources in include/pkttap.h: user space. */
const FROM_USERSPACE = 2;

/** Looks at once, and then this often, whether lossless clients have made room. */
const EAGER_LOOKS = 50;
const BEHIND_MS = 1;

/** A source that publishes what append() is given. */
export class SentPackets implements PacketSource {
  readonly description = 'packet-ipc';
  readonly defaultPolicy = 'lossless';
  readonly #batch = new RecordBatch();
  /** Indices in the ring's table, by what the packets say. */
  readonly #indices = new Map<Partial<InterfaceInfo>, Map<number | undefined, number>>();
  /** What is being sent, and from where on it still has to be packed. */
  #packets: readonly AsIpcPacket[] = [];
  #next = 0;
  /** Packed, and not in the ring yet. */
  #rest: Uint8Array = NO_RECORDS;
  #ring: RingHandle | undefined;
  #onEnd: ((end: SourceEnd) => void) | undefined;
  #lastInterface: Partial<InterfaceInfo> | undefined;
  #lastLinktype: number | undefined;
  #lastIndex = -1;

  start(ring: RingHandle, onEnd: (end: SourceEnd) => void): void {
    this.#ring = ring;
    this.#onEnd = onEnd;
  }

  /** The last packet was sent. */
  finish(): void {
    this.#end('finished');
  }

  stop(): void {
    this.#end('stopped');
  }

  /** Publishes packets; false: lossless clients are behind, and appendRest() goes on. Throws RangeError, ERR_TAP_CLOSED. */
  append(packets: readonly AsIpcPacket[]): boolean {
    for (const { data } of packets) checkLength(data.length);
    this.#packets = packets;
    this.#next = 0;
    return this.#advance();
  }

  /** Waits for room for what append() left over. Rejects with the signal's reason, and leaves the rest out. */
  async appendRest(signal: AbortSignal | undefined): Promise<void> {
    try {
      for (let looks = 0; ; looks++) {
        signal?.throwIfAborted();
        await (looks < EAGER_LOOKS ? setImmediate() : delay(BEHIND_MS));
        if (this.#advance()) return;
      }
    } finally {
      this.#rest = NO_RECORDS;
      this.#packets = [];
    }
  }

  /** In portions that stay in the cache between being packed and being copied into the ring. */
  #advance(): boolean {
    while (this.#rest.length > 0 || this.#next < this.#packets.length) {
      const records = this.#rest.length > 0 ? this.#rest : this.#pack();
      this.#rest = this.#publish(records);
      if (this.#rest.length > 0) return false;
    }
    return true;
  }

  #pack(): Uint8Array {
    const batch = this.#batch;
    batch.clear();
    while (this.#next < this.#packets.length && batch.bytes < PORTION_BYTES) this.#add(this.#packets[this.#next++]!);
    return batch.records;
  }

  #add(packet: AsIpcPacket): void {
    const { data, linktype, tsNs, origlen = data.length } = packet;
    const from = packet.interface ?? NO_INTERFACE;
    if (from !== this.#lastInterface || linktype !== this.#lastLinktype) this.#lookUp(from, linktype);
    this.#batch.add(data, { origlen, tsNs, interfaceIndex: this.#lastIndex, flags: 0 });
  }

  #publish(records: Uint8Array): Uint8Array {
    if (this.#ring === undefined || this.#onEnd === undefined)
      throw new ClosedError('ERR_TAP_CLOSED', 'packets were sent after the connection was closed');
    return records.subarray(core().ringAppend(this.#ring, records));
  }

  #lookUp(from: Partial<InterfaceInfo>, linktype: number | undefined): void {
    const indices = this.#indices.get(from) ?? new Map<number | undefined, number>();
    this.#indices.set(from, indices);
    const index = indices.get(linktype) ?? this.#addInterface(from, linktype);
    indices.set(linktype, index);
    this.#lastInterface = from;
    this.#lastLinktype = linktype;
    this.#lastIndex = index;
  }

  #addInterface(from: Partial<InterfaceInfo>, linktype = from.linktype ?? ETHERNET): number {
    const { snaplen = 0, section = 0, timestampSource: _, ...rest } = from;
    const info: NativeInterface = { ...rest, linktype, snaplen, section, timestampSource: FROM_USERSPACE };
    try {
      return core().ringAddInterface(this.#ring!, info);
    } catch (error) {
      throw explain(error, 'ERR_TAP_SYSTEM', "can't add an interface");
    }
  }

  #end(reason: 'finished' | 'stopped'): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.({ reason });
  }
}

function checkLength(bytes: number): void {
  if (bytes > MAX_CAPLEN) throw new RangeError(`packet is too long: ${bytes}, at most ${MAX_CAPLEN} bytes`);
}
