// The 24 bytes a classic pcap begins with. Source: draft-ietf-opsawg-pcap, section 4. Little-endian.

/** Bytes of the file header. */
export const FILE_HEADER_BYTES = 24;

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const VERSION_MAJOR = 2;
const VERSION_MINOR = 4;

/** Says that the field's upper four bits hold the length of the frame check sequence, in words of 16 bits. */
const FCS_KNOWN = 0x0400_0000;
const FCS_SHIFT = 28;
const FCS_MAX_BYTES = 30;

/** What a file header tells. */
export interface FileHeaderFields {
  readonly linktype: number;
  readonly snaplen: number;
  readonly nanoseconds: boolean;
  /** Bytes of frame check sequence at each packet's end; left out where it can't be told, being odd or above 30. */
  readonly fcslen?: number;
}

/** A file header, version 2.4. */
export function fileHeader(fields: FileHeaderFields): Uint8Array {
  const bytes = new Uint8Array(FILE_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, fields.nanoseconds ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS, true);
  view.setUint16(4, VERSION_MAJOR, true);
  view.setUint16(6, VERSION_MINOR, true);
  view.setUint32(16, fields.snaplen, true);
  view.setUint32(20, (fields.linktype | fcsBits(fields.fcslen)) >>> 0, true);
  return bytes;
}

function fcsBits(fcslen: number | undefined): number {
  if (fcslen === undefined || fcslen % 2 !== 0 || fcslen > FCS_MAX_BYTES) return 0;
  return FCS_KNOWN | ((fcslen / 2) << FCS_SHIFT);
}
