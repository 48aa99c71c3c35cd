// The captures that analyzers are measured with, the same bytes in every run: flows from their first packet on, many at a
// time, their packets mixed.

import { closeSync, openSync, writeSync } from 'node:fs';
import { fileHeader, RECORD_HEADER_BYTES, writeRecordHeader } from '../support/classic-pcap.js';
import { makeRandom } from '../support/random.js';
import { Connection, connection, datagram, datagrams } from './conversation.js';
import { dnsMessages } from './dns.js';
import { httpMessages } from './http.js';
import { tlsMessages } from './tls.js';
import { noise, text } from './words.js';

const FIRST_SECOND = 1_700_000_000;
const WRITE_BYTES = 4 << 20;
const IMIX_FLOWS = 65_536;
const STREAM_PORTS = [5001, 8080, 9000];
/** Payloads that make frames of 64, 594 and 1514 bytes over TCP, 7:4:1. */
const IMIX_PAYLOADS = [10, 10, 10, 10, 10, 10, 10, 540, 540, 540, 540, 1460];

/** @typedef {(below: number) => number} Random */
/** @typedef {Iterator<Buffer>} Frames of one flow */

/**
 * How many flows go on at a time, how fast their packets come, and how a flow is made.
 *
 * @type {Record<string, { atATime: number, packetsPerSecond: number, flow: (random: Random, number: number) => Frames }>}
 */
const KINDS = {
  imix: { atATime: IMIX_FLOWS, packetsPerSecond: 1_000_000, flow: imixFlow },
  dns: { atATime: 200, packetsPerSecond: 1000, flow: (random, i) => datagrams(ends(i, 53), dnsMessages(random)) },
  web: { atATime: 1000, packetsPerSecond: 1000, flow: webFlow },
};

/**
 * @typedef {object} Capture
 * @property {string} kind
 * @property {string} path
 * @property {number} packets
 * @property {number} bytes of all packets together
 */

/** @param {string} path @param {{ kind: string, packets: number }} options @returns {Capture} */
export function makeCapture(path, { kind, packets }) {
  const { atATime, packetsPerSecond, flow } = KINDS[kind];
  const random = makeRandom(777);
  let begun = 0;
  const flows = Array.from({ length: atATime }, () => flow(random, begun++));
  const file = new CaptureFile(path, packetsPerSecond);
  // All begin one after the other, so that each is there from early on.
  for (let i = 0; file.packets < packets; i++) {
    const chosen = i < atATime ? i : random(atATime);
    const { done, value } = flows[chosen].next();
    if (done) flows[chosen] = flow(random, begun++);
    else file.add(value);
  }
  return { kind, path, ...file.close() };
}

/** A flow that went on before the capture began, and has no end: three of four over TCP. @param {Random} random @param {number} number @returns {Frames} */
function* imixFlow(random, number) {
  if (number % 4 === 3) yield* endless(random, number, (from, bytes) => datagram(ends(number, 5001), from, bytes));
  const tcp = new Connection(ends(number, STREAM_PORTS[number % 3]), random);
  yield* endless(random, number, (from, bytes) => tcp.segment(from, bytes));
}

/**
 * Text one way and the other, or bytes that are none.
 *
 * @param {Random} random
 * @param {number} number of the flow
 * @param {(from: 0 | 1, bytes: Uint8Array) => Buffer} frame
 */
function* endless(random, number, frame) {
  for (;;) {
    const bytes = IMIX_PAYLOADS[random(IMIX_PAYLOADS.length)];
    yield frame(/** @type {0 | 1} */ (random(2)), number % 2 === 0 ? text(random, bytes) : noise(random, bytes));
  }
}

/** HTTP and TLS in equal parts. @param {Random} random @param {number} number */
function webFlow(random, number) {
  const isTls = number % 2 === 1;
  return connection(ends(number, isTls ? 443 : 80), isTls ? tlsMessages(random) : httpMessages(random), random);
}

/** Ends that no flow had before. @param {number} number @param {number} serverPort */
function ends(number, serverPort) {
  const client = 0x0a000000 + 1 + (number % 5000);
  return {
    client,
    server: 0xc6120000 + 1 + (number % 977),
    clientPort: 1024 + (Math.floor(number / 5000) % 64_000),
    serverPort,
  };
}

/** A classic pcap, written in large pieces. */
class CaptureFile {
  packets = 0;
  #bytes = 0;
  #used;
  #buffer = Buffer.alloc(WRITE_BYTES);
  #file;
  #packetsPerSecond;

  /** @param {string} path @param {number} packetsPerSecond */
  constructor(path, packetsPerSecond) {
    this.#file = openSync(path, 'wx');
    this.#packetsPerSecond = packetsPerSecond;
    this.#used = fileHeader().copy(this.#buffer);
  }

  /** @param {Buffer} frame */
  add(frame) {
    if (this.#used + RECORD_HEADER_BYTES + frame.length > this.#buffer.length) this.#write();
    const seconds = FIRST_SECOND + Math.floor(this.packets / this.#packetsPerSecond);
    const fraction = Math.floor(((this.packets % this.#packetsPerSecond) * 1e6) / this.#packetsPerSecond);
    writeRecordHeader(this.#buffer, this.#used, { seconds, fraction, caplen: frame.length });
    this.#used += RECORD_HEADER_BYTES + frame.copy(this.#buffer, this.#used + RECORD_HEADER_BYTES);
    this.#bytes += frame.length;
    this.packets++;
  }

  close() {
    this.#write();
    closeSync(this.#file);
    return { packets: this.packets, bytes: this.#bytes };
  }

  #write() {
    writeSync(this.#file, this.#buffer, 0, this.#used);
    this.#used = 0;
  }
}
