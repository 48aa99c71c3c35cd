// Packets and interfaces for tests of what packets go into: short to ask for, every byte known.

import type { InterfaceInfo } from '../../src/packet/interface.js';
import { makePacket, type PacketFields, type PacketView } from '../../src/packet/packet-view.js';

/** An Ethernet device in section 0, but for what is said otherwise. */
export function makeInterface(fields: Partial<InterfaceInfo> = {}): InterfaceInfo {
  return { index: 0, linktype: 1, snaplen: 262_144, section: 0, timestampSource: 'kernel', ...fields };
}

/** Bytes that count up from `seed`, so that a shift or a leftover shows. */
export function countingBytes(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (seed + at) & 0xff);
}

/** `count` packets of different lengths, a microsecond and a nanosecond apart. */
export function makePackets(count: number, fields: Partial<PacketFields> = {}): PacketView[] {
  return Array.from({ length: count }, (_, at) =>
    makePacket({
      data: countingBytes(60 + (at % 7), at),
      tsNs: 1_700_000_000_000_000_000n + BigInt(at) * 1001n,
      interface: makeInterface(),
      ...fields,
    }),
  );
}
