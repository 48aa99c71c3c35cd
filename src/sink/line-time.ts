// The time at the beginning of a line. The text of the last second is kept, because packets come many to a second.

import type { PacketView } from '../packet/packet-view.js';
import type { LineOptions } from './line.js';

let cachedSecond = Number.NaN;
let cachedText = '';

/** The packet's time with a space behind it, or nothing if no time is asked for. */
export function timeText(packet: PacketView, { time = 'local', nanoseconds = false }: LineOptions): string {
  if (time === 'none') return '';
  const fraction = String(packet.tsNsec).padStart(9, '0');
  const second = time === 'epoch' ? packet.tsSec : localSecond(packet.tsSec);
  return `${second}.${nanoseconds ? fraction : fraction.slice(0, 6)} `;
}

function localSecond(tsSec: number): string {
  if (tsSec !== cachedSecond) {
    const date = new Date(tsSec * 1000);
    cachedText = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
    cachedSecond = tsSec;
  }
  return cachedText;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
