// What can be done to a buffer before it is looked at.

import { createHash } from 'node:crypto';
import { lowerCase } from './keywords/content.js';
import type { Transform } from './steps.js';

type Change = (bytes: Uint8Array) => Uint8Array;

const SPACES = [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20];
const DOT = 0x2e;

/** By the keyword. Each gives new bytes and leaves the old ones as they are. */
const CHANGES: Readonly<Record<string, Change>> = {
  to_lowercase: (bytes) => bytes.map(lowerCase),
  to_uppercase: (bytes) => bytes.map((byte) => (byte >= 0x61 && byte <= 0x7a ? byte & ~0x20 : byte)),
  strip_whitespace: (bytes) => bytes.filter((byte) => !SPACES.includes(byte)),
  compress_whitespace: (bytes) =>
    bytes.filter((byte, i) => !SPACES.includes(byte) || i === 0 || !SPACES.includes(bytes[i - 1]!)),
  dotprefix: (bytes) => Uint8Array.of(DOT, ...bytes),
  url_decode: (bytes) => {
    const text = Buffer.from(bytes).toString('latin1').replace(/\+/g, ' ');
    const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
    return Uint8Array.from(Buffer.from(decoded, 'latin1'));
  },
  to_md5: (bytes) => hash('md5', bytes),
  to_sha1: (bytes) => hash('sha1', bytes),
  to_sha256: (bytes) => hash('sha256', bytes),
};

/** The keywords. */
export const TRANSFORM_NAMES: readonly string[] = Object.keys(CHANGES);

/** The transform of that name, one of {@link TRANSFORM_NAMES}. */
export function makeTransform(id: string): Transform {
  return { id, apply: CHANGES[id]! };
}

function hash(algorithm: string, bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash(algorithm).update(bytes).digest());
}
