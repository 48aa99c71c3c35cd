// The frames of an Initial packet (RFC 9000, sections 12.4 and 19). Only CRYPTO is of interest; the others are passed over,
// and one that has no place here, or ends the connection, ends the list.

import { ByteReader } from '../byte-reader.js';
import { readVarint } from './quic-header.js';

const FrameType = { padding: 0, ping: 1, ack: 2, ackEcn: 3, crypto: 6 } as const;

/** Calls `crypto` for each CRYPTO frame, its bytes in place. False: the packet ends within a frame. */
export function readFrames(payload: Uint8Array, crypto: (offset: number, bytes: Uint8Array) => void): boolean {
  const reader = new ByteReader(payload);
  try {
    while (reader.left > 0) {
      const type = readVarint(reader);
      if (type === FrameType.crypto) crypto(readVarint(reader), reader.take(readVarint(reader)));
      else if (type === FrameType.ack || type === FrameType.ackEcn) skipAck(reader, type);
      else if (type !== FrameType.padding && type !== FrameType.ping) return true;
    }
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const ECN_COUNTS = 3;

function skipAck(reader: ByteReader, type: number): void {
  readVarint(reader);
  readVarint(reader);
  const ranges = readVarint(reader);
  readVarint(reader);
  const numbers = 2 * ranges + (type === FrameType.ackEcn ? ECN_COUNTS : 0);
  for (let i = 0; i < numbers; i++) readVarint(reader);
}
