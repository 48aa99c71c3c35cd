// The types of a dataset's values: what bytes are a value, and how it is written in a file
// (https://docs.suricata.io, "Datasets").

import { isIPv4, isIPv6 } from 'node:net';

/** Names of types. */
export type ValueType = 'string' | 'md5' | 'sha256' | 'ipv4' | 'ip';

/** All of them. */
export const VALUE_TYPES: readonly string[] = ['string', 'md5', 'sha256', 'ipv4', 'ip'];

const SIZES: Readonly<Record<ValueType, readonly number[] | undefined>> = {
  string: undefined,
  md5: [16],
  sha256: [32],
  ipv4: [4],
  ip: [4, 16],
};

const HEX_TYPES: readonly string[] = ['md5', 'sha256'];
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The bytes as a key of a map; undefined: they are no value of this type. */
export function keyOf(type: ValueType, bytes: Uint8Array): string | undefined {
  if (SIZES[type]?.includes(bytes.length) === false) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** A file's text as a key; undefined: it is none. Strings are in Base64, hashes in hexadecimal. */
export function parseValue(type: ValueType, text: string): string | undefined {
  if (type === 'string')
    return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? keyOf(type, Buffer.from(text, 'base64')) : undefined;
  if (HEX_TYPES.includes(type))
    return /^(?:[0-9a-f]{2})+$/i.test(text) ? keyOf(type, Buffer.from(text, 'hex')) : undefined;
  const address = MAPPED.exec(text)?.[1] ?? text;
  if (isIPv4(address)) return keyOf(type, Uint8Array.from(address.split('.').map(Number)));
  return isIPv6(address) ? keyOf(type, addressBytes(address)) : undefined;
}

/** The key as a file has it. */
export function formatValue(type: ValueType, key: string): string {
  const bytes = Buffer.from(key, 'latin1');
  if (type === 'string') return bytes.toString('base64');
  if (HEX_TYPES.includes(type)) return bytes.toString('hex');
  if (bytes.length === 4) return bytes.join('.');
  return bytes.toString('hex').replace(/....(?!$)/g, '$&:');
}

/** An address of IPv6, in any of its forms. */
function addressBytes(text: string): Uint8Array {
  // URL writes the address in its canonical form: groups in hexadecimal, at most one gap.
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => part.split(':').filter((group) => group !== '');
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = Array<string>(8 - first.length - last.length).fill('0');
  return Uint8Array.from(
    Buffer.from([...first, ...zeros, ...last].map((group) => group.padStart(4, '0')).join(''), 'hex'),
  );
}
