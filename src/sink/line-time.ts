// The time at the beginning of a line. The texts of the last second are kept, because packets come many to a second.

import type { PacketView } from '../packet/packet-view.js';
import type { LineOptions } from './line.js';

let cachedSecond = Number.NaN;
let cachedDay = '';
let cachedTime = '';

/** The packet's time with a space behind it, or nothing if no time is asked for. */
export function timeText(packet: PacketView, { time = 'local', nanoseconds = false }: LineOptions): string {
  if (time === 'none') return '';
  const fraction = String(packet.tsNsec).padStart(9, '0');
  return `${secondText(packet.tsSec, time)}.${nanoseconds ? fraction : fraction.slice(0, 6)} `;
}

function secondText(tsSec: number, time: 'local' | 'date' | 'epoch'): string {
  if (time === 'epoch') return String(tsSec);
  if (tsSec !== cachedSecond) cache(tsSec);
  return time === 'date' ? `${cachedDay} ${cachedTime}` : cachedTime;
}

/** In the local time zone. */
function cache(tsSec: number): void {
  const date = new Date(tsSec * 1000);
  cachedDay = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
  cachedTime = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  cachedSecond = tsSec;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
