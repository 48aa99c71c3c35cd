// What can be sent: anything that says when a packet was seen and what its bytes are. A PacketView of a consumer is one.

import type { InterfaceInfo } from '../packet/interface.js';
import type { PacketLike } from '../source/packet-like.js';

/** A packet to be sent; it says when it was seen. */
export interface AsIpcPacket extends PacketLike {
  /** Nanoseconds since the Unix epoch, from 0 to 2^64-1. */
  readonly tsNs: bigint;
}

/** What a packet may say of itself, beside time and bytes. */
export type PacketDetails = Pick<AsIpcPacket, 'origlen' | 'linktype' | 'interface'>;

const NS_PER_MS = 1_000_000n;

/** A packet with bytes of its own. */
export class Packet implements AsIpcPacket {
  readonly tsNs: bigint;
  readonly data: Uint8Array;
  declare readonly origlen?: number;
  declare readonly linktype?: number;
  declare readonly interface?: Partial<InterfaceInfo>;

  /** The time in nanoseconds since the Unix epoch, or as a Date, which knows milliseconds. */
  constructor(timestamp: bigint | Date, data: Uint8Array, details: PacketDetails = {}) {
    this.tsNs = typeof timestamp === 'bigint' ? timestamp : BigInt(timestamp.getTime()) * NS_PER_MS;
    this.data = data;
    Object.assign(this, details);
  }
}
