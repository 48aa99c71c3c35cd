// Bytes of the wire as text, and back. Parsers keep text as strings with a character per byte (latin1), which are cheap
// to make and lose nothing; EVE JSON gets what Suricata writes for it.

import { isUtf8 } from 'node:buffer';

/** The memory that text was made of last, as a Buffer: it is nearly always the same, and making one takes longer than text. */
let memory: Buffer = Buffer.alloc(0);

/** A string with a character per byte of `bytes` from `start` to before `end`. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (bytes.buffer !== memory.buffer) memory = Buffer.from(bytes.buffer);
  const { byteOffset } = bytes;
  return memory.toString('latin1', byteOffset + start, byteOffset + Math.min(end, bytes.length));
}

/** The bytes of such a string. */
export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

const NOT_ASCII = /[\x80-\xff]/;

/** Such a string for EVE JSON: as UTF-8 where it is that, else with `\x` and two digits for each byte above 127. */
export function eveText(text: string): string {
  if (!NOT_ASCII.test(text)) return text;
  const bytes = Buffer.from(text, 'latin1');
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return text.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}

/** The same for quic events, where Suricata has U+FFFD for what is not UTF-8. */
export function utf8Text(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
}

/** Bytes in hexadecimal, lower case. */
export function hexText(bytes: Uint8Array, separator = ''): string {
  const text = asBuffer(bytes).toString('hex');
  return separator === '' ? text : text.replace(/..(?!$)/g, `$&${separator}`);
}

/** The same bytes, not a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
