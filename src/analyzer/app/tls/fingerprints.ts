// Fingerprints of TLS hellos: JA3 and JA3S (https://github.com/salesforce/ja3), and JA4
// (https://github.com/FoxIO-LLC/ja4, technical details). Values that clients make up to keep servers flexible (GREASE,
// RFC 8701) count in none of them.

import { createHash } from 'node:crypto';
import type { TlsHello } from './tls-hello.js';

/** A fingerprint and what it is a hash of. */
export interface Fingerprint {
  readonly hash: string;
  readonly string: string;
}

/** What rules look for by these names in what a client sent. */
export function clientFingerprint(
  name: string,
  ja3: Fingerprint | undefined,
  ja4: string | undefined,
): string | undefined {
  switch (name) {
    case 'ja3.hash':
      return ja3?.hash;
    case 'ja3.string':
      return ja3?.string;
    case 'ja4.hash':
      return ja4;
    default:
      return undefined;
  }
}

/** The same of a server. */
export function serverFingerprint(name: string, ja3s: Fingerprint | undefined): string | undefined {
  if (name === 'ja3s.hash') return ja3s?.hash;
  return name === 'ja3s.string' ? ja3s?.string : undefined;
}

/** JA3 of a client's hello. */
export function ja3(hello: TlsHello): Fingerprint {
  const lists = [hello.ciphers, hello.extensions, hello.curves].map((list) => list.filter(isReal).join('-'));
  return hashed([hello.version, ...lists, hello.pointFormats.join('-')].join(','));
}

/** JA3S of a server's hello. */
export function ja3s(hello: TlsHello): Fingerprint {
  return hashed([hello.version, hello.ciphers.join('-'), hello.extensions.filter(isReal).join('-')].join(','));
}

const VERSIONS: Readonly<Record<number, string>> = {
  772: '13',
  771: '12',
  770: '11',
  769: '10',
  768: 's3',
  2: 's2',
};

const SERVER_NAME = 0;
const ALPN = 16;
const MAX_COUNT = 99;
const HASH_DIGITS = 12;
const NO_HASH = '0'.repeat(HASH_DIGITS);

/** JA4 of a client's hello; `transport`: `t` for TCP, `q` for QUIC. */
export function ja4(hello: TlsHello, transport: 't' | 'q'): string {
  const ciphers = hello.ciphers.filter(isReal);
  const extensions = hello.extensions.filter(isReal);
  const version = Math.max(...hello.supportedVersions.filter(isReal), 0) || hello.version;
  const start = [
    transport,
    VERSIONS[version] ?? '00',
    extensions.includes(SERVER_NAME) ? 'd' : 'i',
    count(ciphers),
    count(extensions),
    alpnEnds(hello.alpn[0] ?? ''),
  ];
  const others = extensions.filter((type) => type !== SERVER_NAME && type !== ALPN);
  const algorithms = hello.signatureAlgorithms.filter(isReal).map(hex).join(',');
  const tail = algorithms === '' ? '' : `_${algorithms}`;
  const cipherHash = ciphers.length === 0 ? NO_HASH : shortHash(sortedHex(ciphers));
  const extensionHash = extensions.length === 0 ? NO_HASH : shortHash(`${sortedHex(others)}${tail}`);
  return `${start.join('')}_${cipherHash}_${extensionHash}`;
}

/** Whether a value means something. The others have both bytes alike, their low halves 10: RFC 8701. */
export function isReal(value: number): boolean {
  return (value & 0x0f0f) !== 0x0a0a || value >> 8 !== (value & 0xff);
}

function hashed(text: string): Fingerprint {
  return { hash: createHash('md5').update(text).digest('hex'), string: text };
}

function count(list: readonly number[]): string {
  return String(Math.min(list.length, MAX_COUNT)).padStart(2, '0');
}

/** First and last character; where one is neither letter nor digit, first and last digit of the hexadecimal form. */
function alpnEnds(protocol: string): string {
  if (protocol === '') return '00';
  const ends = `${protocol[0]}${protocol.at(-1)}`;
  if (/^[0-9A-Za-z]{2}$/.test(ends)) return ends;
  const digits = Buffer.from(protocol, 'latin1').toString('hex');
  return `${digits[0]}${digits.at(-1)}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(4, '0');
}

function sortedHex(list: readonly number[]): string {
  return list.map(hex).sort().join(',');
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}
