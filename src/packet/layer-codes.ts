// The codes that Layers gives: data only, so that every layer's decoder can share them.

/** The value of an offset, length or port that the packet doesn't have, or that wasn't captured. */
export const NONE = -1;

/** What is wrong with a packet's headers. The first thing found stands. */
export const LayerProblem = {
  none: 0,
  /** The capture ends inside a header that was whole on the wire: snaplen was too small. */
  truncated: 1,
  /** The packet itself ends inside a header. */
  short: 2,
  /** The IP version is not the one that the layer below announced. */
  version: 3,
  /** An IPv4 or TCP header length smaller than the fixed header, or larger than the packet. */
  headerLength: 4,
  /** An IPv4 total length or UDP length smaller than its header, or a UDP length larger than what IP carries. */
  length: 5,
  /** The IP length says more than the frame had on the wire. Decoding went on. */
  beyondFrame: 6,
} as const;

/** IPv6 extension headers, as bits of {@link Layers.extensions} (RFC 8200 section 4, RFC 4302). */
export const Ipv6Extension = { hopByHop: 1, routing: 2, fragment: 4, destination: 8, authentication: 16 } as const;
