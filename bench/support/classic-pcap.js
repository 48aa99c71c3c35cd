// Just enough of the classic pcap format (draft-ietf-opsawg-pcap) for the bench: little-endian, one link type, Ethernet.

export const FILE_HEADER_BYTES = 24;
export const RECORD_HEADER_BYTES = 16;

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const SNAPLEN = 262_144;
const LINKTYPE_ETHERNET = 1;

/** @param {{ nanoseconds?: boolean }} [options] default: timestamps in microseconds */
export function fileHeader({ nanoseconds = false } = {}) {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.writeUInt32LE(nanoseconds ? NANOSECONDS : MICROSECONDS, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAPLEN, 16);
  header.writeUInt32LE(LINKTYPE_ETHERNET, 20);
  return header;
}

/**
 * Writes the header of a whole packet at `at`. `fraction` is in the file's unit.
 *
 * @param {Buffer} into
 * @param {number} at
 * @param {{ seconds: number, fraction: number, caplen: number }} packet
 */
export function writeRecordHeader(into, at, { seconds, fraction, caplen }) {
  into.writeUInt32LE(seconds, at);
  into.writeUInt32LE(fraction, at + 4);
  into.writeUInt32LE(caplen, at + 8);
  into.writeUInt32LE(caplen, at + 12);
}
