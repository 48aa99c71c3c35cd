// The headers of QUIC packets that say their version: long headers (RFC 8999, section 5.1; RFC 9000, section 17.2), and
// those of Google's QUIC, which are of two older forms. A header that contradicts itself is none.

import { ByteReader, readOrUndefined } from '../byte-reader.js';
import { googleVersion, typeShift, VERSION_NEGOTIATION } from './quic-version.js';

export const PacketType = { initial: 0, zeroRtt: 1, handshake: 2, retry: 3, versionNegotiation: 4 } as const;

/** Where a packet of a datagram lies, and whose it is. In place: valid as long as the datagram is. */
export interface QuicHeader {
  /** A {@link PacketType}. */
  readonly type: number;
  readonly version: number;
  readonly dcid: Uint8Array;
  /** Behind the header, but for the packet number. */
  readonly payloadAt: number;
  /** Behind the packet: where the next one of the datagram begins. */
  readonly end: number;
}

const LONG = 0x80;
const MAX_ID_BYTES = 20;

/** Reads the packet that a datagram, or its rest, begins with. Undefined: it says no version, or is no QUIC at all. */
export function readQuicHeader(bytes: Uint8Array): QuicHeader | undefined {
  return readOrUndefined(() => {
    const reader = new ByteReader(bytes);
    const first = reader.u8();
    if ((first & LONG) === 0) return readPublicHeader(reader, first, bytes.length);
    const version = reader.u32();
    if (googleVersion(version) !== undefined) return readGoogleHeader(reader, first, version, bytes.length);
    return readLongHeader(reader, first, version, bytes.length);
  });
}

function readLongHeader(reader: ByteReader, first: number, version: number, total: number): QuicHeader | undefined {
  const dcid = readId(reader);
  readId(reader);
  if (version === VERSION_NEGOTIATION) return whole(PacketType.versionNegotiation, version, dcid, reader, total);
  const type = (((first >> 4) & 3) - typeShift(version)) & 3;
  if (type === PacketType.retry) return whole(type, version, dcid, reader, total);
  if (type === PacketType.initial) reader.take(readVarint(reader));
  const length = readVarint(reader);
  const payloadAt = total - reader.left;
  reader.take(length);
  return { type, version, dcid, payloadAt, end: payloadAt + length };
}

/** Such a packet takes all of the datagram. */
function whole(type: number, version: number, dcid: Uint8Array, reader: ByteReader, total: number): QuicHeader {
  return { type, version, dcid, payloadAt: total - reader.left, end: total };
}

function readId(reader: ByteReader): Uint8Array {
  const length = reader.u8();
  // More than is left: no connection id is that long.
  return reader.take(length > MAX_ID_BYTES ? reader.left + 1 : length);
}

/** A number of 1, 2, 4 or 8 bytes (RFC 9000, section 16). Beyond 2^53 it is inexact, and longer than any packet. */
export function readVarint(reader: ByteReader): number {
  const first = reader.u8();
  let value = first & 0x3f;
  for (let left = (1 << (first >> 6)) - 1; left > 0; left--) value = value * 256 + reader.u8();
  return value;
}

/** Google's form from Q044 on: lengths of both ids in one byte, then the packet number and a hash. */
function readGoogleHeader(reader: ByteReader, first: number, version: number, total: number): QuicHeader | undefined {
  const isInitial = googleVersion(version)! < 46 ? (first & 0x7f) === 0x7f : (first & 0x30) === 0;
  if (!isInitial) return undefined;
  const lengths = reader.u8();
  const dcid = reader.take(googleIdBytes(lengths >> 4));
  reader.take(googleIdBytes(lengths & 15));
  return googlePacket(reader, { version, dcid, numberBytes: (first & 3) + 1, total });
}

function googleIdBytes(length: number): number {
  return length === 0 ? 0 : length + 3;
}

const PublicFlag = { version: 1, id: 8 } as const;
const ID_BYTES = 8;
const NUMBER_BYTES = [1, 2, 4, 6];

/** Google's first form, which a client uses as long as it has to say its version. */
function readPublicHeader(reader: ByteReader, first: number, total: number): QuicHeader | undefined {
  if ((first & PublicFlag.version) === 0 || (first & PublicFlag.id) === 0) return undefined;
  const dcid = reader.take(ID_BYTES);
  const version = reader.u32();
  if (googleVersion(version) === undefined) return undefined;
  return googlePacket(reader, { version, dcid, numberBytes: NUMBER_BYTES[(first >> 4) & 3]!, total });
}

const HASH_BYTES = 12;

function googlePacket(
  reader: ByteReader,
  { version, dcid, numberBytes, total }: { version: number; dcid: Uint8Array; numberBytes: number; total: number },
): QuicHeader {
  reader.take(numberBytes + HASH_BYTES);
  return whole(PacketType.initial, version, dcid, reader, total);
}
