// The block that begins a section: byte order, version, and which program wrote it where. Interface ids count from 0 in
// each section, so a section is also what starts the counting again. Source: draft-ietf-opsawg-pcapng, section 4.1.

import { BlockType, frame } from './block.js';
import { commentOptions, encodeOptions, textOption } from './options.js';

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const SHB_HARDWARE = 2;
const SHB_OS = 3;
const SHB_USERAPPL = 4;

/** Where a section comes from. What is left out is not written, but for the application. */
export interface SavefileOrigin {
  /** The machine's processor, as dumpcap writes it. */
  readonly hardware?: string;
  /** Operating system and version. */
  readonly os?: string;
  /** The program and its version; default `pkttap`. */
  readonly application?: string;
  /** What somebody has to say about the capture; one option each. */
  readonly comments?: readonly string[];
}

/** A section header block, version 1.0, of a section whose length is not known beforehand. */
export function sectionHeader(origin: SavefileOrigin = {}): Uint8Array {
  const options = encodeOptions([
    ...commentOptions(origin.comments),
    ...textOption(SHB_HARDWARE, origin.hardware),
    ...textOption(SHB_OS, origin.os),
    ...textOption(SHB_USERAPPL, origin.application ?? 'pkttap'),
  ]);
  const body = new Uint8Array(16 + options.length);
  const view = new DataView(body.buffer);
  view.setUint32(0, BYTE_ORDER_MAGIC, true);
  view.setUint16(4, 1, true);
  view.setBigInt64(8, -1n, true);
  body.set(options, 16);
  return frame(BlockType.sectionHeader, body);
}
