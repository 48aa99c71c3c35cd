// The block that begins a section: byte order, version, and which program wrote it. Interface ids count from 0 in each
// section, so a section is also what starts the counting again. Source: draft-ietf-opsawg-pcapng, section 4.1.

import { BlockType, frame } from './block.js';
import { encodeOptions, textOption } from './options.js';

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const SHB_USERAPPL = 4;

/** A section header block, version 1.0, of a section whose length is not known beforehand. */
export function sectionHeader(): Uint8Array {
  const options = encodeOptions(textOption(SHB_USERAPPL, 'pkttap'));
  const body = new Uint8Array(16 + options.length);
  const view = new DataView(body.buffer);
  view.setUint32(0, BYTE_ORDER_MAGIC, true);
  view.setUint16(4, 1, true);
  view.setBigInt64(8, -1n, true);
  body.set(options, 16);
  return frame(BlockType.sectionHeader, body);
}
