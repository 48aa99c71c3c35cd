// A whole savefile in memory, made by a writer as a sink makes it: for tests of the formats alone.

import type { PacketView } from '../../src/packet/packet-view.js';
import { destinationOf, type InterfaceStatistics, type SavefileWriter } from '../../src/savefile/writer.js';

/** Header, the packets' records with what must stand before them, and trailer. */
export function encodeSavefile(
  writer: SavefileWriter,
  packets: Iterable<PacketView>,
  statistics: readonly InterfaceStatistics[] = [],
): Buffer {
  const parts: Uint8Array[] = [writer.header()];
  for (const packet of packets) {
    parts.push(writer.preamble(packet) ?? new Uint8Array(0), encodeRecord(writer, packet));
    writer.missed = 0;
  }
  parts.push(writer.trailer(statistics));
  return Buffer.concat(parts);
}

/** One record alone. The memory is dirty and has an odd offset, as a reused buffer's has; the size must fit exactly. */
export function encodeRecord(writer: SavefileWriter, packet: PacketView): Uint8Array {
  const size = writer.encodedBytes(packet);
  const room = destinationOf(new Uint8Array(size + 2).fill(0xa5));
  const end = writer.encode(packet, room, 1);
  if (end !== size + 1) throw new Error(`encodedBytes promised ${size} bytes, encode wrote ${end - 1}`);
  if (room.bytes[0] !== 0xa5 || room.bytes[end] !== 0xa5) throw new Error('encode wrote outside of its room');
  return room.bytes.subarray(1, end);
}
