// The 24 bytes a classic pcap begins with. Source: draft-ietf-opsawg-pcap, section 4. Little-endian.

/** Bytes of the file header. */
export const FILE_HEADER_BYTES = 24;

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const VERSION_MAJOR = 2;
const VERSION_MINOR = 4;

/** A file header, version 2.4. */
export function fileHeader(fields: { linktype: number; snaplen: number; nanoseconds: boolean }): Uint8Array {
  const bytes = new Uint8Array(FILE_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, fields.nanoseconds ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS, true);
  view.setUint16(4, VERSION_MAJOR, true);
  view.setUint16(6, VERSION_MINOR, true);
  view.setUint32(16, fields.snaplen, true);
  view.setUint32(20, fields.linktype, true);
  return bytes;
}
