// How every pcapng block is framed: type, total length, body padded to 32 bits, total length again. Little-endian.
// Source: draft-ietf-opsawg-pcapng, section 3.1. These helpers are for the few blocks that describe; packets have their own.

/** Block types this writer uses (section 10.1). */
export const BlockType = {
  interfaceDescription: 1,
  interfaceStatistics: 5,
  enhancedPacket: 6,
  sectionHeader: 0x0a0d0d0a,
} as const;

/** Bytes of framing around a block's body. */
export const FRAME_BYTES = 12;

/** `bytes` rounded up to whole 32-bit words. */
export function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}

/** A whole block around `body`, whose length must be a multiple of 4. */
export function frame(type: number, body: Uint8Array): Uint8Array {
  const total = body.length + FRAME_BYTES;
  const block = new Uint8Array(total);
  const view = new DataView(block.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, total, true);
  block.set(body, 8);
  view.setUint32(total - 4, total, true);
  return block;
}
