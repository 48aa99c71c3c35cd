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

  /** The bytes that are left over because lossless clients are behind; none, almost always. Throws TypeError, RangeError. */
  append(packets: Iterable<AsIpcPacket>): Uint8Array {
    const batch = this.#batch;
    batch.clear();
    for (const packet of packets) this.#add(packet);
    return this.#publish(batch.records);
  }

  /** Waits for room for what append() left over. Rejects with the signal's reason. */
  async appendRest(rest: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    // The batch is used anew by the next append().
    let left: Uint8Array = rest.slice();
    for (let looks = 0; left.length > 0; looks++) {
      signal?.throwIfAborted();
      await (looks < EAGER_LOOKS ? setImmediate() : delay(BEHIND_MS));
      left = this.#publish(left);
    }
  }

  #add(packet: AsIpcPacket): void {
    const { data, linktype, tsNs, origlen = data.length } = packet;
    if (data.length > MAX_CAPLEN)
      throw new RangeError(`packet is too long: ${data.length}, at most ${MAX_CAPLEN} bytes`);
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
