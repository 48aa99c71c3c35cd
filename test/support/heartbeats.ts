// TLS connections with heartbeats (RFC 6520), as far as an analyzer reads them.

import { type Said, tcpTalk } from './talks.js';

const u16 = (value: number) => [value >> 8, value & 255];
const message = (type: number, body: readonly number[]) => [type, 0, ...u16(body.length), ...body];
const RANDOM = Array.from({ length: 32 }, (_, i) => i);

/** A record of TLS 1.2. */
export const tlsRecord = (type: number, body: readonly number[]): Uint8Array =>
  Uint8Array.of(type, 3, 3, ...u16(body.length), ...body);

/** A heartbeat that says so of its payload's length, and has so many bytes of payload and padding. */
export const heartbeat = (type: number, says: number, bytes: number): Uint8Array =>
  tlsRecord(24, [type, ...u16(says), ...Array.from({ length: bytes }, (_, i) => i & 255)]);

/** Both hellos. */
export const HELLOS: readonly Said[] = [
  ['>', tlsRecord(22, message(1, [3, 3, ...RANDOM, 0, ...u16(2), ...u16(0xc02f), 1, 0]))],
  ['<', tlsRecord(22, message(2, [3, 3, ...RANDOM, 0, ...u16(0xc02f), 0]))],
];

const CHANGED = tlsRecord(20, [1]);
/** Both sides encrypt. */
export const ENCRYPTED: readonly Said[] = [...HELLOS, ['>', CHANGED], ['<', CHANGED]];

/** Connections with each of the things that may be wrong, and without, as frames; from ports of their own. */
export function heartbeatTalks(): Uint8Array[] {
  const talks: Said[][] = [
    [...HELLOS, ['>', heartbeat(1, 16, 32)], ['<', heartbeat(2, 16, 32)]],
    [...HELLOS, ['>', heartbeat(1, 0x4000, 0)]],
    [...HELLOS, ['>', heartbeat(1, 17, 32)]],
    [...HELLOS, ['>', heartbeat(3, 16, 32)]],
    [...HELLOS, ['>', heartbeat(1, 16, 32)], ['>', heartbeat(1, 16, 32)]],
    [...ENCRYPTED, ['>', heartbeat(9, 9999, 32)], ['<', heartbeat(9, 9999, 32)]],
    [...ENCRYPTED, ['>', heartbeat(9, 9999, 32)], ['<', heartbeat(9, 9999, 33)]],
    [...ENCRYPTED, ['>', heartbeat(9, 9999, 32)], ['>', heartbeat(9, 9999, 32)]],
  ];
  return talks.flatMap((said, i) => tcpTalk(said, { client: ['10.0.0.1', 4000 + i], server: ['10.0.0.2', 443] }));
}
