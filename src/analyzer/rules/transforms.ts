// What can be done to a buffer before it is looked at.

import { createHash } from 'node:crypto';
import { lowerCase } from './keywords/content.js';
import { NO_PCRE_FLAGS, translatePcre } from './pcre.js';
import { RuleProblem } from './problem.js';
import type { Transform } from './steps.js';

type Change = (bytes: Uint8Array) => Uint8Array;

const SPACES = [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20];
const DOT = 0x2e;
const COLON = 0x3a;
const NEWLINE = 0x0a;

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
    return latin1Bytes(decoded);
  },
  strip_pseudo_headers: withoutPseudoHeaders,
  header_lowercase: withLowerNames,
  to_md5: (bytes) => hash('md5', bytes),
  to_sha1: (bytes) => hash('sha1', bytes),
  to_sha256: (bytes) => hash('sha256', bytes),
};

/** The keywords without a value. */
export const TRANSFORM_NAMES: readonly string[] = Object.keys(CHANGES);

/** The transform of that name, one of {@link TRANSFORM_NAMES}. */
export function makeTransform(id: string): Transform {
  return { id, apply: CHANGES[id]! };
}

/** Each byte against one of the key's, which begins anew at its end. Throws a RuleProblem. */
export function xorTransform(key: string): Transform {
  if (!/^(?:[0-9a-f]{2})+$/i.test(key)) throw new RuleProblem(`xor: ${key} are not pairs of hexadecimal digits`);
  const bytes = Buffer.from(key, 'hex');
  return { id: `xor ${key}`, apply: (from) => from.map((byte, i) => byte ^ bytes[i % bytes.length]!) };
}

/** What the expression's first group matches; all of it if nothing does. Throws a RuleProblem. */
export function pcreTransform(pattern: string): Transform {
  const expression = translatePcre(pattern, NO_PCRE_FLAGS);
  return {
    id: `pcrexform ${pattern}`,
    apply: (from) => {
      expression.lastIndex = 0;
      const found = expression.exec(Buffer.from(from).toString('latin1'))?.[1];
      return found === undefined ? from : latin1Bytes(found);
    },
  };
}

/** Lines that begin with a colon are what HTTP/2 has instead of a first line. */
function withoutPseudoHeaders(bytes: Uint8Array): Uint8Array {
  return latin1Bytes(
    Buffer.from(bytes)
      .toString('latin1')
      .replace(/^:[^\n]*(?:\n|$)/gm, ''),
  );
}

/** Names only, up to the colon. */
function withLowerNames(bytes: Uint8Array): Uint8Array {
  let isName = true;
  return bytes.map((byte) => {
    if (byte === COLON) isName = false;
    if (byte === NEWLINE) isName = true;
    return isName ? lowerCase(byte) : byte;
  });
}

function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

function hash(algorithm: string, bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash(algorithm).update(bytes).digest());
}
