// How one packet lies in the ring. This is the TypeScript half of `struct pkttap_record` in include/pkttap.h, which has
// the drawing; a test compares the two. Layout only: no behaviour lives here.

/** Bytes of the header before each packet's own bytes. */
export const RECORD_HEADER_BYTES = 32;

/** Records start at multiples of this many bytes. */
export const RECORD_ALIGNMENT = 8;

/** The largest caplen a record may have, in bytes: libpcap's MAXIMUM_SNAPLEN, which tcpdump and dumpcap keep to as well. */
export const MAX_CAPLEN = 262_144;

/** Byte offsets of a record header's fields. All are little-endian. */
export const RecordField = {
  caplen: 0,
  origlen: 4,
  tsNs: 8,
  /** Low 20 bits: interface index. High 12 bits: flags, see {@link RecordFlag}. */
  interfaceAndFlags: 16,
  flowHash: 20,
  sequence: 24,
} as const;

/** The interface index takes this many low bits of its word; the flags take the rest. */
export const INTERFACE_BITS = 20;
export const INTERFACE_MASK = (1 << INTERFACE_BITS) - 1;

/** Facts about a packet that its bytes don't tell. */
export const RecordFlag = {
  /** caplen < origlen: the capture kept only the packet's beginning. */
  truncated: 1 << 0,
  /** The packet was sent to this host. With `outbound` clear and this clear, the direction is unknown. */
  inbound: 1 << 1,
  /** The packet was sent by this host. */
  outbound: 1 << 2,
  /** The checksums may not have been filled in yet (offload): don't report them as bad. */
  checksumUnknown: 1 << 3,
  /** The savefile says caplen > origlen or a fraction of a second of a second or more; kept as it stood. */
  odd: 1 << 4,
  /** Options (comments) lie behind the packet's bytes. Set by whoever writes the record. */
  options: 1 << 5,
  /** There were more comments than a record holds: some are not there. */
  optionsCut: 1 << 6,
} as const;

/** The most bytes of options a record may have: the longest option fits, and others beside it. */
export const MAX_OPTIONS = 131_072;

/** The options' length stands before them. */
export const OPTIONS_LENGTH_BYTES = 4;

/** From a record's start to where the length of its options is: behind the packet, padded to 4. */
export function optionsOffset(caplen: number): number {
  return (RECORD_HEADER_BYTES + caplen + 3) & ~3;
}

/** Bytes a record takes in the ring, its padding included, with this many bytes of packet and, if it has any, of options. */
export function recordBytes(caplen: number, options = 0): number {
  const used = options === 0 ? RECORD_HEADER_BYTES + caplen : optionsOffset(caplen) + OPTIONS_LENGTH_BYTES + options;
  return (used + RECORD_ALIGNMENT - 1) & ~(RECORD_ALIGNMENT - 1);
}
