// The interfaces of packets that are sent, in the order in which they turn up. Packets name theirs by an object, and most have
// the same as the one before.

import { core, type NativeInterface, type RingHandle } from '../native/core.js';
import { explain } from '../native/failure.js';
import type { InterfaceInfo, TimestampSource } from '../packet/interface.js';
import { Linktype } from '../packet/linktype.js';

const NO_INTERFACE: Partial<InterfaceInfo> = {};

/** `PKTTAP_TS_*` of include/pkttap.h. */
const TIMESTAMP_SOURCES: Readonly<Record<TimestampSource, NativeInterface['timestampSource']>> = {
  kernel: 0,
  adapter: 1,
  userspace: 2,
  savefile: 3,
};

/** A ring's interface table, filled as packets come. */
export class SentInterfaces {
  readonly #ring: RingHandle;
  /** Indices in the table, by what packets say: their interface, and their link type. */
  readonly #indices = new Map<Partial<InterfaceInfo>, Map<number | undefined, number>>();
  #lastInterface: Partial<InterfaceInfo> | undefined;
  #lastLinktype: number | undefined;
  #lastIndex = -1;

  constructor(ring: RingHandle) {
    this.#ring = ring;
  }

  /** The index of a packet's interface. Throws ERR_TAP_SYSTEM when the table is full. */
  indexOf(from: Partial<InterfaceInfo> = NO_INTERFACE, linktype?: number): number {
    if (from !== this.#lastInterface || linktype !== this.#lastLinktype) {
      this.#lastIndex = this.#lookUp(from, linktype);
      this.#lastInterface = from;
      this.#lastLinktype = linktype;
    }
    return this.#lastIndex;
  }

  #lookUp(from: Partial<InterfaceInfo>, linktype: number | undefined): number {
    const indices = this.#indices.get(from) ?? new Map<number | undefined, number>();
    this.#indices.set(from, indices);
    const index = indices.get(linktype) ?? this.#add(from, linktype);
    indices.set(linktype, index);
    return index;
  }

  #add(from: Partial<InterfaceInfo>, linktype = from.linktype ?? Linktype.ethernet): number {
    const { index: _, snaplen = 0, section = 0, timestampSource = 'userspace', ...rest } = from;
    const source = TIMESTAMP_SOURCES[timestampSource];
    try {
      return core().ringAddInterface(this.#ring, { ...rest, linktype, snaplen, section, timestampSource: source });
    } catch (error) {
      throw explain(error, 'ERR_TAP_SYSTEM', "can't add an interface: one object per interface, not one per packet");
    }
  }
}
