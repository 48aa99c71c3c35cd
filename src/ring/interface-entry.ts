// One entry of the interface table, as a writer makes it: `struct pkttap_interface` of include/pkttap.h, then its options.

import type { InterfaceInfo } from '../packet/interface.js';
import { INTERFACE_ENTRY_BYTES } from './layout.js';

// pcapng option codes of an Interface Description Block (draft-ietf-opsawg-pcapng, section 4.2).
const OPTION_CODES = { name: 2, description: 3, filter: 11, os: 12 } as const;

const LONGEST_OPTION_BYTES = 4096;

const TIMESTAMP_SOURCES = ['kernel', 'adapter', 'userspace', 'savefile'] as const;

/** The bytes of an entry, a multiple of 8. Options are cut to 4,096 bytes of UTF-8. */
export function interfaceEntry(info: Omit<InterfaceInfo, 'index'>): Uint8Array {
  const options = Object.entries(OPTION_CODES).map(([key, code]) =>
    option(code, info[key as keyof typeof OPTION_CODES]),
  );
  const optionBytes = options.reduce((sum, { length }) => sum + length, 0);
  const entry = new Uint8Array((INTERFACE_ENTRY_BYTES + optionBytes + 7) & ~7);
  const view = new DataView(entry.buffer);
  view.setUint16(0, entry.length, true);
  view.setUint16(2, info.linktype, true);
  view.setUint32(4, info.snaplen, true);
  view.setUint32(8, info.section, true);
  view.setUint8(12, TIMESTAMP_SOURCES.indexOf(info.timestampSource));
  let at = INTERFACE_ENTRY_BYTES;
  for (const each of options) {
    entry.set(each, at);
    at += each.length;
  }
  return entry;
}

/** Code, length, value padded to 4; nothing for what is not known. */
function option(code: number, value = ''): Uint8Array {
  if (value === '') return new Uint8Array(0);
  const text = new TextEncoder().encode(value).subarray(0, LONGEST_OPTION_BYTES);
  const bytes = new Uint8Array(4 + ((text.length + 3) & ~3));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, text.length, true);
  bytes.set(text, 4);
  return bytes;
}
