// Tells QUIC by the form of a flow's first packets: a header that is whole, of a version that is known. A packet without
// version has nothing to be told by.

import { Verdict } from '../app-types.js';
import { PacketType, type QuicHeader, readQuicHeader } from './quic-header.js';
import { googleVersion, isKnownVersion, VERSION_NEGOTIATION } from './quic-version.js';

/** A packet number and a tag are the least that an encrypted packet has. */
const MIN_PAYLOAD_BYTES = 17;
const VERSION_BYTES = 4;
/** The bit of a header that says its version. */
const LONG = 0x80;

/** A verdict on one datagram of either side. */
export function probe(_direction: number, bytes: Uint8Array): number {
  if (!mayHaveHeader(bytes)) return Verdict.no;
  const header = readQuicHeader(bytes);
  if (header === undefined) return Verdict.no;
  return isLikely(bytes, header) ? Verdict.yes : Verdict.no;
}

/** A look that spares most datagrams the reading of a header. */
function mayHaveHeader(bytes: Uint8Array): boolean {
  if (bytes.length < 1 + VERSION_BYTES || (bytes[0]! & LONG) === 0) return true;
  const version = ((bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!) >>> 0;
  return version === VERSION_NEGOTIATION || isKnownVersion(version);
}

function isLikely(bytes: Uint8Array, header: QuicHeader): boolean {
  if (header.version === VERSION_NEGOTIATION) return offersKnownVersion(bytes.subarray(header.payloadAt));
  if (!isKnownVersion(header.version)) return false;
  if (googleVersion(header.version) !== undefined || header.type === PacketType.retry) return true;
  return (bytes[0]! & FIXED_BIT) !== 0 && header.end - header.payloadAt >= MIN_PAYLOAD_BYTES;
}

const FIXED_BIT = 0x40;

/** All versions that the server speaks, and nothing else (RFC 8999, section 6). */
function offersKnownVersion(list: Uint8Array): boolean {
  if (list.length === 0 || list.length % VERSION_BYTES !== 0) return false;
  const view = new DataView(list.buffer, list.byteOffset, list.length);
  for (let at = 0; at < list.length; at += VERSION_BYTES) if (isKnownVersion(view.getUint32(at))) return true;
  return false;
}
