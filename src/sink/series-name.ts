// Names of the files of a series, as dumpcap makes them: `x.pcapng` becomes `x_00001_20261121235959.pcapng`, with the local
// time at which the file was begun. Sorted by name they are in order, up to 99,999 of them.

import { basename, dirname, extname, join } from 'node:path';
import { COMPRESSED } from '../savefile/format.js';

/** Numbers have five digits and begin again at 0. */
const NUMBERS = 100_000;

/** The name of the file with this number (from 1). A double extension such as `.pcap.gz` stays whole. */
export function seriesName(target: string, number: number, begun: Date): string {
  const name = basename(target);
  const outer = extname(name);
  const extension = COMPRESSED.test(outer) ? extname(name.slice(0, -outer.length)) + outer : outer;
  const stem = name.slice(0, name.length - extension.length);
  const count = String(number % NUMBERS).padStart(5, '0');
  return join(dirname(target), `${stem}_${count}_${timeText(begun)}${extension}`);
}

function timeText(time: Date): string {
  const parts = [time.getMonth() + 1, time.getDate(), time.getHours(), time.getMinutes(), time.getSeconds()];
  return String(time.getFullYear()) + parts.map((part) => String(part).padStart(2, '0')).join('');
}
