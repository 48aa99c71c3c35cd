// Valid Ethernet/IPv4 frames with a TCP or UDP header and right checksums.

import { ETHERNET_BYTES, IPV4, TCP } from './five-tuple.js';

const IP_BYTES = 20;
const TCP_BYTES = 20;
const DONT_FRAGMENT = 0x4000;
const ACK = 0x10;

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
 * @param {Flow} flow
 * @param {number} bytes of the whole frame without its FCS, from 60
 */
export function makeFrame(flow, bytes) {
  const frame = Buffer.alloc(bytes, 0x2e);
  frame.writeUIntBE(0x02_00_00_00_00_02, 0, 6);
  frame.writeUIntBE(0x02_00_00_00_00_01, 6, 6);
  frame.writeUInt16BE(IPV4, 12);
  const packet = frame.subarray(ETHERNET_BYTES);
  writeIp(packet, flow);
  const segment = packet.subarray(IP_BYTES);
  if (flow.protocol === TCP) writeTcp(segment);
  else writeUdp(segment);
  segment.writeUInt16BE(flow.sourcePort, 0);
  segment.writeUInt16BE(flow.destinationPort, 2);
  const checksumAt = flow.protocol === TCP ? 16 : 6;
  segment.writeUInt16BE(0, checksumAt);
  // The pseudo-header (RFC 9293, section 3.1): both addresses, the protocol, the segment's length.
  const checksum = internetChecksum(segment, sumWords(packet.subarray(12, IP_BYTES)) + flow.protocol + segment.length);
  segment.writeUInt16BE(checksum || 0xffff, checksumAt);
  return frame;
}

/**
 * @param {Buffer} packet
 * @param {Flow} flow
 */
function writeIp(packet, { source, destination, protocol }) {
  packet.writeUInt16BE(0x4500, 0);
  packet.writeUInt16BE(packet.length, 2);
  packet.writeUInt16BE(0, 4);
  packet.writeUInt16BE(DONT_FRAGMENT, 6);
  packet[8] = 64;
  packet[9] = protocol;
  packet.writeUInt16BE(0, 10);
  packet.writeUInt32BE(source, 12);
  packet.writeUInt32BE(destination, 16);
  packet.writeUInt16BE(internetChecksum(packet.subarray(0, IP_BYTES)), 10);
}

/** @param {Buffer} segment */
function writeTcp(segment) {
  segment.writeUInt32BE(1, 4);
  segment.writeUInt32BE(1, 8);
  segment.writeUInt16BE(((TCP_BYTES / 4) << 12) | ACK, 12);
  segment.writeUInt16BE(0xffff, 14);
  segment.writeUInt16BE(0, 18);
}

/** @param {Buffer} segment */
function writeUdp(segment) {
  segment.writeUInt16BE(segment.length, 4);
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
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  return bytes.length % 2 === 0 ? sum : sum + (bytes[bytes.length - 1] << 8);
}
