// Times as EVE JSON writes them: in UTC with microseconds, `2024-01-31T23:59:59.123456+0000`.

import { putAscii, putSixDigits } from './digits.js';
import { Fragment } from './fragment.js';

/** A point in time: whole seconds since the Unix epoch, and nanoseconds within the second. */
export interface PacketTime {
  readonly sec: number;
  readonly nsec: number;
}

/** Room that a time needs at most, with what is written behind it: years beyond 9999 have more digits. */
export const TIME_BYTES = 48;

/** As text. */
export function eveTime(sec: number, nsec: number): string {
  const micros = String(Math.floor(nsec / 1000)).padStart(6, '0');
  return `${secondText(sec)}${micros}+0000`;
}

/** Straight into bytes; where it ends. */
export function putTime(view: DataView, at: number, sec: number, nsec: number): number {
  const end = putSixDigits(view, putSecond(view, at, sec), (nsec / 1000) >>> 0);
  view.setFloat64(end, ZONE, true);
  return end + ZONE_BYTES;
}

/** `+0000` as a word, zeros behind it. */
const ZONE = new Fragment('+0000').words[0]!;
const ZONE_BYTES = 5;

/** Seconds whose text is kept: events come in the order of their packets, and tell of flows that began a while ago. */
const KEPT = 1024;
const seconds = new Float64Array(KEPT).fill(Number.NaN);
/** `2024-01-31T23:59:59.` */
const SECOND_BYTES = 20;
const SECOND_WORDS = 3;
const words = new Float64Array(KEPT * SECOND_WORDS);
/** The last second of the year 9999: later years have more digits. */
const LAST_KEPT = 253_402_300_799;

function putSecond(view: DataView, at: number, sec: number): number {
  if (!(sec >= 0 && sec <= LAST_KEPT)) return putAscii(view, at, secondText(sec));
  const place = sec & (KEPT - 1);
  if (seconds[place] !== sec) keep(place, sec);
  const word = place * SECOND_WORDS;
  view.setFloat64(at, words[word]!, true);
  view.setFloat64(at + 8, words[word + 1]!, true);
  view.setFloat64(at + 16, words[word + 2]!, true);
  return at + SECOND_BYTES;
}

function keep(place: number, sec: number): void {
  seconds[place] = sec;
  words.set(new Fragment(secondText(sec)).words, place * SECOND_WORDS);
}

function secondText(sec: number): string {
  return new Date(sec * 1000).toISOString().slice(0, -4);
}
