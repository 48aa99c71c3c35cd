// Fingerprints of TLS hellos: JA3 and JA3S (https://github.com/salesforce/ja3), and JA4
// (https://github.com/FoxIO-LLC/ja4, technical details). Values that clients make up to keep servers flexible (GREASE,
// RFC 8701) count in none of them. As most clients are alike, the newest are remembered.

import { hash } from 'node:crypto';
import { Remembered } from '../remembered.js';
import { latin1 } from '../text.js';
import type { TlsHello } from './tls-hello.js';

/** A fingerprint and what it is a hash of. */
export interface Fingerprint {
  readonly hash: string;
  readonly string: string;
}

/** What rules look for by these names in what a client sent. */
export function clientFingerprint(name: string, fingerprints: ClientFingerprints | undefined): string | undefined {
  switch (name) {
    case 'ja3.hash':
      return fingerprints?.ja3.hash;
    case 'ja3.string':
      return fingerprints?.ja3.string;
    case 'ja4.hash':
      return fingerprints?.ja4;
    default:
      return undefined;
  }
}

/** The same of a server. */
export function serverFingerprint(name: string, ja3s: Fingerprint | undefined): string | undefined {
  if (name === 'ja3s.hash') return ja3s?.hash;
  return name === 'ja3s.string' ? ja3s?.string : undefined;
}

/** Both of a client. */
export interface ClientFingerprints {
  readonly ja3: Fingerprint;
  readonly ja4: string;
}

const clients = new Remembered<ClientFingerprints>();
const servers = new Remembered<Fingerprint>();

/** Those of a client's hello; `transport`: `t` for TCP, `q` for QUIC. */
export function clientFingerprints(hello: TlsHello, transport: 't' | 'q'): ClientFingerprints {
  const key = keyOf(hello, transport);
  const known = key === undefined ? undefined : clients.get(key);
  if (known !== undefined) return known;
  const made = { ja3: ja3(hello), ja4: ja4(hello, transport) };
  return key === undefined ? made : clients.set(key, made);
}

function ja3(hello: TlsHello): Fingerprint {
  const lists = `${joined(hello.ciphers)},${joined(hello.extensions)},${joined(hello.curves)}`;
  return hashed(`${hello.version},${lists},${hello.pointFormats.join('-')}`);
}

/** What a client's hello is known by: two bytes a number, so that no text is made of numbers that are known already. */
const numbers = new Uint8Array(2048);

/** All that its fingerprints are made of; undefined: more than anybody offers. */
function keyOf(hello: TlsHello, transport: 't' | 'q'): string | undefined {
  const { version, ciphers, extensions, curves, pointFormats, signatureAlgorithms, supportedVersions, alpn } = hello;
  let end = put(transport.charCodeAt(0), put(version, 0));
  end = putList(ciphers, end);
  end = putList(extensions, end);
  end = putList(curves, end);
  end = putList(pointFormats, end);
  end = putList(signatureAlgorithms, end);
  end = putList(supportedVersions, end);
  return end > numbers.length ? undefined : latin1(numbers, 0, end) + (alpn[0] ?? '');
}

/** How many numbers mean something, and these; where they end. */
function putList(list: readonly number[], start: number): number {
  let end = start + 2;
  for (let i = 0; i < list.length; i++) if (isReal(list[i]!)) end = put(list[i]!, end);
  put((end - start) >> 1, start);
  return end;
}

function put(value: number, at: number): number {
  numbers[at] = value >> 8;
  numbers[at + 1] = value;
  return at + 2;
}

/** JA3S of a server's hello. */
export function ja3s(hello: TlsHello): Fingerprint {
  const text = `${hello.version},${hello.ciphers.join('-')},${joined(hello.extensions)}`;
  return servers.get(text) ?? servers.set(text, hashed(text));
}

/** Those that mean something, in decimals. */
function joined(list: readonly number[]): string {
  let text = '';
  for (let i = 0; i < list.length; i++) {
    if (isReal(list[i]!)) text = text === '' ? `${list[i]}` : `${text}-${list[i]}`;
  }
  return text;
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

function ja4(hello: TlsHello, transport: 't' | 'q'): string {
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
  return { hash: hash('md5', text), string: text };
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
  return hash('sha256', text).slice(0, HASH_DIGITS);
}
