// What every savefile format can do for a sink: turn packets into bytes. A writer knows nothing of files, keeps only
// what the format needs it to remember, and allocates only when an interface appears, never per record.

import type { PacketView } from '../packet/packet-view.js';

/** Memory that records are encoded into, as bytes and as numbers. */
export interface Destination {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** What is known of one interface when the capture ends. All counts are packets; what is unknown is left out, not 0. */
export interface InterfaceStatistics {
  /** Index in the tap's interface table. */
  readonly interfaceIndex: number;
  /** When the counts were taken, nanoseconds since the Unix epoch. */
  readonly atNs: bigint;
  readonly startNs?: bigint;
  readonly endNs?: bigint;
  /** Received from the source. */
  readonly received?: number | bigint;
  /** Dropped by the interface itself. */
  readonly interfaceDropped?: number | bigint;
  /** Accepted by the capture filter. */
  readonly filterAccepted?: number | bigint;
  /** Dropped by the kernel. */
  readonly kernelDropped?: number | bigint;
  /** Delivered to this consumer. What the filter accepted for it beyond that was lost in the ring. */
  readonly delivered?: number | bigint;
  /** What no counter says; one option each. */
  readonly comments?: readonly string[];
}

/**
 * Encodes packets in one format. The calls in order: `header` once; for each packet `preamble`, then `encode` with at
 * least `encodedBytes` bytes of room; `trailer` once. What is written in that order is a whole savefile at any moment.
 */
export interface SavefileWriter {
  /** What the file begins with, as far as it is known before the first packet. May be empty. */
  header(): Uint8Array;
  /**
   * What must stand before this packet because it is the first of its interface; nearly always undefined. Once given,
   * it counts as written. Throws SavefileError when the format cannot hold the packet's interface.
   */
  preamble(packet: PacketView): Uint8Array | undefined;
  /** How many packets are missing before the next one encoded. Back to 0 by whoever keeps that record. */
  missed: number;
  /** Bytes that `encode` will write for this packet. */
  encodedBytes(packet: PacketView): number;
  /** Writes the packet's record at `at` and gives the offset after it. Throws SavefileError when it cannot be held. */
  encode(packet: PacketView, into: Destination, at: number): number;
  /** What the file ends with. May be empty. */
  trailer(statistics: readonly InterfaceStatistics[]): Uint8Array;
}

/** Both views of the same bytes. */
export function destinationOf(bytes: Uint8Array): Destination {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}
