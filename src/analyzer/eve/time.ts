// Times as EVE JSON writes them: in UTC with microseconds, `2024-01-31T23:59:59.123456+0000`.

import { putAscii, putDigits } from './digits.js';

/** A point in time: whole seconds since the Unix epoch, and nanoseconds within the second. */
export interface PacketTime {
  readonly sec: number;
  readonly nsec: number;
}

/** Room that a time needs at most: years beyond 9999 have more digits. */
export const TIME_BYTES = 40;

/** As text. */
export function eveTime(sec: number, nsec: number): string {
  const micros = String(Math.floor(nsec / 1000)).padStart(6, '0');
  return `${secondText(sec)}.${micros}+0000`;
}

/** Straight into bytes; where it ends. */
export function putTime(bytes: Uint8Array, at: number, sec: number, nsec: number): number {
  const point = putAscii(bytes, at, secondText(sec));
  bytes[point] = POINT;
  return putAscii(bytes, putDigits(bytes, point + 1, (nsec / 1000) >>> 0, 6), '+0000');
}

const POINT = 0x2e;

/** Seconds whose text is kept: events come in the order of their packets, and tell of flows that began a while ago. */
const KEPT = 1024;
const seconds = new Float64Array(KEPT).fill(Number.NaN);
const texts: string[] = [];

function secondText(sec: number): string {
  const at = Math.abs(sec) % KEPT;
  if (seconds[at] !== sec) {
    seconds[at] = sec;
    texts[at] = new Date(sec * 1000).toISOString().slice(0, -5);
  }
  return texts[at]!;
}
