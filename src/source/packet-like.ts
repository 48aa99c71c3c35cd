// What can be published: anything that has bytes. A PacketView of a consumer is one, so a tap can republish another's packets.

import type { InterfaceInfo } from '../packet/interface.js';

/** A packet to be published. */
export interface PacketLike {
  /** At most 262,144 bytes. Copied before the call that takes it returns. */
  readonly data: Uint8Array;
  /** Nanoseconds since the Unix epoch, from 0 to 2^64-1. Default: now. */
  readonly tsNs?: bigint;
  /** Bytes it had on the wire. Default: data.length. */
  readonly origlen?: number;
  /** LINKTYPE_* number. Default: that of `interface`, else 1 (Ethernet). */
  readonly linktype?: number;
  /** Where it came from; one object per interface, not one per packet. */
  readonly interface?: Partial<InterfaceInfo>;
  /** RecordFlag bits; `truncated` follows from the lengths. Default 0. */
  readonly flags?: number;
}

/** How to send. */
export interface SendOptions {
  /** Gives up waiting for room: rejects with the signal's reason. Some of the packets may have been sent. */
  readonly signal?: AbortSignal;
}
