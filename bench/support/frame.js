// Valid Ethernet/IPv4 frames with a TCP or UDP header and right checksums.

import { ETHERNET_BYTES, IPV4, TCP } from './five-tuple.js';

const IP_BYTES = 20;
const TCP_BYTES = 20;
const UDP_BYTES = 8;
const DONT_FRAGMENT = 0x4000;
const ACK = 0x10;
/** What frames of a given length are filled with. */
const FILLER = 0x2e;

/**
 * One direction of a conversation.
 *
 * @typedef {object} Flow
 * @property {number} source IPv4 address
 * @property {number} destination IPv4 address
 * @property {number} sourcePort
 * @property {number} destinationPort
 * @property {number} protocol
 */

/**
 * What a frame carries; what is left out stands for an ACK of a connection that has just begun.
 *
 * @typedef {object} Carried
 * @property {Uint8Array} payload
 * @property {number} [seq]
 * @property {number} [ack]
 * @property {number} [flags] of TCP
 */

/**
 * @param {Flow} flow
 * @param {number} bytes of the whole frame without its FCS, from 60
 */
export function makeFrame(flow, bytes) {
  const headers = ETHERNET_BYTES + IP_BYTES + transportBytes(flow);
  return makePacket(flow, { payload: Buffer.alloc(bytes - headers, FILLER) });
}

/**
 * @param {Flow} flow
 * @param {Carried} carried
 */
export function makePacket(flow, { payload, ...tcp }) {
  const header = transportBytes(flow);
  const frame = Buffer.alloc(ETHERNET_BYTES + IP_BYTES + header + payload.length);
  frame.writeUIntBE(0x02_00_00_00_00_02, 0, 6);
  frame.writeUIntBE(0x02_00_00_00_00_01, 6, 6);
  frame.writeUInt16BE(IPV4, 12);
  const packet = frame.subarray(ETHERNET_BYTES);
  writeIp(packet, flow);
  const segment = packet.subarray(IP_BYTES);
  segment.set(payload, header);
  segment.writeUInt16BE(flow.sourcePort, 0);
  segment.writeUInt16BE(flow.destinationPort, 2);
  if (flow.protocol === TCP) writeTcp(segment, tcp);
  else segment.writeUInt16BE(segment.length, 4);
  const checksumAt = flow.protocol === TCP ? 16 : 6;
  // The pseudo-header (RFC 9293, section 3.1): both addresses, the protocol, the segment's length.
  const checksum = internetChecksum(segment, sumWords(packet.subarray(12, IP_BYTES)) + flow.protocol + segment.length);
  segment.writeUInt16BE(checksum || 0xffff, checksumAt);
  return frame;
}

/** @param {Flow} flow */
function transportBytes({ protocol }) {
  return protocol === TCP ? TCP_BYTES : UDP_BYTES;
}

/**
 * @param {Buffer} packet
 * @param {Flow} flow
 */
function writeIp(packet, { source, destination, protocol }) {
  packet.writeUInt16BE(0x4500, 0);
  packet.writeUInt16BE(packet.length, 2);
  packet.writeUInt16BE(DONT_FRAGMENT, 6);
  packet[8] = 64;
  packet[9] = protocol;
  packet.writeUInt32BE(source, 12);
  packet.writeUInt32BE(destination, 16);
  packet.writeUInt16BE(internetChecksum(packet.subarray(0, IP_BYTES)), 10);
}

/**
 * @param {Buffer} segment
 * @param {Omit<Carried, 'payload'>} carried
 */
function writeTcp(segment, { seq = 1, ack = 1, flags = ACK }) {
  segment.writeUInt32BE(seq >>> 0, 4);
  segment.writeUInt32BE(ack >>> 0, 8);
  segment.writeUInt16BE(((TCP_BYTES / 4) << 12) | flags, 12);
  segment.writeUInt16BE(0xffff, 14);
}

/** RFC 1071. @param {Buffer} bytes @param {number} [sum] what was added up before */
function internetChecksum(bytes, sum = 0) {
  let folded = sum + sumWords(bytes);
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}

/** @param {Buffer} bytes */
function sumWords(bytes) {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += (bytes[at] << 8) | bytes[at + 1];
  return bytes.length % 2 === 0 ? sum : sum + (bytes[bytes.length - 1] << 8);
}
