// The client's hello of Google's QUIC, which is in clear: tagged values in a STREAM frame (Google's "QUIC Crypto" and "QUIC
// Wire Layout", 2016), and CYU, its fingerprint: a hash of version and tags in their order (Salesforce, 2018).

import { createHash } from 'node:crypto';
import { ByteReader } from '../byte-reader.js';
import { asBuffer, latin1 } from '../text.js';
import type { Fingerprint } from '../tls/fingerprints.js';
import { googleVersion } from './quic-version.js';

/** A hello's values by their tags, in order, a character per byte. */
export type GoogleHello = ReadonlyMap<string, string>;

/** The tags that are of interest. */
export const GoogleTag = { serverName: 'SNI', userAgent: 'UAID' } as const;

const STREAM = 0x80;
const PADDING = 0;
const PING = 7;

/** Calls `hello` for each one in the frames of a packet. False: the packet ends within a frame. */
export function readGoogleFrames(payload: Uint8Array, hello: (tags: GoogleHello) => void): boolean {
  const reader = new ByteReader(payload);
  try {
    while (reader.left > 0) {
      const type = reader.u8();
      if ((type & STREAM) !== 0) takeHello(readStream(reader, type), hello);
      else if (type !== PADDING && type !== PING) return true;
    }
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The type's bits say how long the fields are: 1, fin, length there, three of the offset's length, two of the id's. */
function readStream(reader: ByteReader, type: number): Uint8Array {
  reader.take((type & 3) + 1);
  const offsetBits = (type >> 2) & 7;
  reader.take(offsetBits === 0 ? 0 : offsetBits + 1);
  return reader.take((type & 0x20) === 0 ? reader.left : reader.u16());
}

const CLIENT_HELLO = 'CHLO';
const HEADER_BYTES = 8;
const ENTRY_BYTES = 8;

/** A hello that is not whole, or is followed by something, is none. */
function takeHello(data: Uint8Array, hello: (tags: GoogleHello) => void): void {
  const bytes = asBuffer(data);
  if (bytes.length < HEADER_BYTES || latin1(bytes, 0, 4) !== CLIENT_HELLO) return;
  const tags = readTags(bytes, bytes.readUInt16LE(4));
  if (tags !== undefined) hello(tags);
}

function readTags(bytes: Buffer, count: number): GoogleHello | undefined {
  const valuesAt = HEADER_BYTES + count * ENTRY_BYTES;
  if (valuesAt > bytes.length) return undefined;
  const tags = new Map<string, string>();
  let start = valuesAt;
  for (let at = HEADER_BYTES; at < valuesAt; at += ENTRY_BYTES) {
    const end = valuesAt + bytes.readUInt32LE(at + 4);
    const tag = latin1(bytes, at, at + 4).replace(/\0+$/, '');
    if (end < start || end > bytes.length || !/^[\x21-\x7e]{1,4}$/.test(tag)) return undefined;
    tags.set(tag, latin1(bytes, start, end));
    start = end;
  }
  return start === bytes.length ? tags : undefined;
}

/** Suricata's CYU of a hello; undefined where it has none: before Q043. Q045 counts as Q044. */
export function cyu(version: number, tags: GoogleHello): Fingerprint | undefined {
  const number = googleVersion(version) ?? 0;
  if (number < 43) return undefined;
  const string = `${number === 45 ? 44 : number},${[...tags.keys()].join('-')}`;
  return { hash: createHash('md5').update(string).digest('hex'), string };
}
