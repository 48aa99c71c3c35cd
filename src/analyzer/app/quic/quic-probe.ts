// Tells QUIC by the form of a flow's first packets: a header that is whole, of a version that is known. A packet without
// version has nothing to be told by.

import { Verdict } from '../app-types.js';
import { PacketType, type QuicHeader, readQuicHeader } from './quic-header.js';
import { googleVersion, isKnownVersion, VERSION_NEGOTIATION } from './quic-version.js';

/** A packet number and a tag are the least that an encrypted packet has. */
const MIN_PAYLOAD_BYTES = 17;
const VERSION_BYTES = 4;

/** A verdict on one datagram of either side. */
export function probe(_direction: number, bytes: Uint8Array): number {
  const header = readQuicHeader(bytes);
  if (header === undefined) return Verdict.no;
  return isLikely(bytes, header) ? Verdict.yes : Verdict.no;
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
