// Tells QUIC by the form of a flow's first packets: a header that is whole, of a version that is known. A packet without
// version has nothing to be told by.

import type { ByteRange } from '../byte-range.js';
import { PacketType, type QuicHeader, readQuicHeader } from './quic-header.js';
import { googleVersion, isKnownVersion, VERSION_NEGOTIATION } from './quic-version.js';

/** A packet number and a tag are the least that an encrypted packet has. */
const MIN_PAYLOAD_BYTES = 17;
const VERSION_BYTES = 4;
/** The bit of a header that says its version. */
const LONG = 0x80;
/** Bits of the header that Google's QUIC began with: it says its version, and behind an id. */
const PUBLIC = 0x09;
const PUBLIC_VERSION_AT = 9;

/** Whether a flow that begins with this datagram, of either side, is QUIC. */
export function isQuic(datagram: ByteRange): boolean {
  if (!mayHaveHeader(datagram)) return false;
  const bytes = datagram.view();
  const header = readQuicHeader(bytes);
  return header !== undefined && isLikely(bytes, header);
}

/** A look that spares most datagrams the reading of a header. */
function mayHaveHeader({ bytes, start, end }: ByteRange): boolean {
  if (start >= end) return false;
  const isLong = (bytes[start]! & LONG) !== 0;
  if (!isLong && (bytes[start]! & PUBLIC) !== PUBLIC) return false;
  const at = start + (isLong ? 1 : PUBLIC_VERSION_AT);
  if (at + VERSION_BYTES > end) return false;
  const version = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  return isKnownVersion(version) || (isLong && version === VERSION_NEGOTIATION);
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
