// A DHCP message (RFC 2131, section 2; options: RFC 2132). Options that contradict themselves end the list.

import type { ByteRange } from '../byte-range.js';

export interface DhcpMessage {
  readonly isRequest: boolean;
  readonly id: number;
  readonly clientMac: Uint8Array;
  readonly assignedIp: Uint8Array;
  readonly options: ReadonlyMap<number, Uint8Array>;
  /** An option reaches beyond the end, or none says that it is the last. */
  readonly truncated: boolean;
}

export const DhcpOption = { hostname: 12, leaseTime: 51, type: 53, renewalTime: 58, rebindingTime: 59 } as const;

export const DHCP_FIXED_BYTES = 240;
const COOKIE_AT = 236;
const COOKIE = [99, 130, 83, 99];
const ETHERNET = 1;
const PAD = 0;
const END = 255;
const MAX_HARDWARE_BYTES = 16;

/** Whether the bytes begin with the fixed part of a DHCP message. */
export function isDhcp({ bytes, start, end }: ByteRange): boolean {
  if (end - start < DHCP_FIXED_BYTES || (bytes[start] !== 1 && bytes[start] !== 2)) return false;
  return bytes[start + 2]! <= MAX_HARDWARE_BYTES && hasCookie(bytes, start + COOKIE_AT);
}

function hasCookie(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < COOKIE.length; i++) if (bytes[at + i] !== COOKIE[i]) return false;
  return true;
}

/** Reads a message that isDhcp() knows. Copies what it keeps. */
export function readDhcp(bytes: Uint8Array): DhcpMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { options, truncated } = readOptions(bytes);
  const macBytes = bytes[1] === ETHERNET ? 6 : bytes[2]!;
  return {
    isRequest: bytes[0] === 1,
    id: view.getUint32(4),
    clientMac: bytes.slice(28, 28 + macBytes),
    assignedIp: bytes.slice(16, 20),
    options,
    truncated,
  };
}

function readOptions(bytes: Uint8Array): { options: Map<number, Uint8Array>; truncated: boolean } {
  const options = new Map<number, Uint8Array>();
  for (let at = DHCP_FIXED_BYTES; at < bytes.length; ) {
    if (bytes[at] === END) return { options, truncated: false };
    if (bytes[at] === PAD) {
      at++;
      continue;
    }
    const end = at + 2 + (bytes[at + 1] ?? 0);
    if (at + 1 >= bytes.length || end > bytes.length) return { options, truncated: true };
    if (!options.has(bytes[at]!)) options.set(bytes[at]!, bytes.slice(at + 2, end));
    at = end;
  }
  return { options, truncated: true };
}
