// Just enough of pcapng (draft-ietf-opsawg-pcapng) for the bench: a classic file of ours as one section with one interface.
// That has a name, because pcap-ng-parser reads no interface without.

import { readFileSync, writeFileSync } from 'node:fs';
import { FILE_HEADER_BYTES, RECORD_HEADER_BYTES } from './classic-pcap.js';

const SECTION = [0x1a2b3c4d, 0x00000001, 0xffffffff, 0xffffffff];
const INTERFACE = [1, 262_144, 0x00040002, 0x30687465, 0];

/** @param {string} classic microseconds, little-endian @param {string} pcapng */
export function writePcapng(classic, pcapng) {
  const bytes = readFileSync(classic);
  const blocks = [block(0x0a0d0d0a, words(SECTION)), block(1, words(INTERFACE))];
  for (let at = FILE_HEADER_BYTES; at < bytes.length; ) {
    const caplen = bytes.readUInt32LE(at + 8);
    const next = at + RECORD_HEADER_BYTES + caplen;
    const time = BigInt(bytes.readUInt32LE(at)) * 1_000_000n + BigInt(bytes.readUInt32LE(at + 4));
    const head = words([0, Number(time >> 32n), Number(time & 0xffff_ffffn), caplen, bytes.readUInt32LE(at + 12)]);
    blocks.push(block(6, Buffer.concat([head, bytes.subarray(at + RECORD_HEADER_BYTES, next)])));
    at = next;
  }
  writeFileSync(pcapng, Buffer.concat(blocks));
}

/** @param {number} type @param {Buffer} body */
function block(type, body) {
  const padding = Buffer.alloc(-body.length & 3);
  const length = body.length + padding.length + 12;
  return Buffer.concat([words([type, length]), body, padding, words([length])]);
}

/** @param {readonly number[]} values */
function words(values) {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, i * 4);
  return bytes;
}
