// A reader of classic pcap as plain as can be, for tests that need a savefile's fields as they stand: tshark shows
// fractions of a second above 999,999,999 ns modulo 2^32, and mergecap loses them.

import { readFileSync } from 'node:fs';

export interface ClassicRecord {
  readonly tsNs: bigint;
  readonly caplen: number;
  readonly origlen: number;
  readonly data: Uint8Array;
}

export interface ClassicPcap {
  readonly linktype: number;
  readonly snaplen: number;
  readonly records: readonly ClassicRecord[];
}

const NANOSECOND_MAGIC = 0xa1b23c4d;
/** Kuznetsov's variant (old Red Hat): 8 more bytes in each record's header. */
const MODIFIED_MAGIC = 0xa1b2cd34;
const MAGICS: ReadonlySet<number> = new Set([0xa1b2c3d4, NANOSECOND_MAGIC, MODIFIED_MAGIC]);

/** All records of a whole, undamaged file of either byte order and any variant. */
export function readClassicPcap(path: string): ClassicPcap {
  const bytes = readFileSync(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = MAGICS.has(view.getUint32(0, true));
  const magic = view.getUint32(0, little);
  const unitNs = magic === NANOSECOND_MAGIC ? 1n : 1000n;
  const header = magic === MODIFIED_MAGIC ? 24 : 16;
  const records: ClassicRecord[] = [];
  for (let at = 24; at < bytes.length; at += header + records.at(-1)!.caplen) {
    const caplen = view.getUint32(at + 8, little);
    const seconds = BigInt(view.getUint32(at, little));
    records.push({
      tsNs: seconds * 1_000_000_000n + BigInt(view.getUint32(at + 4, little)) * unitNs,
      caplen,
      origlen: view.getUint32(at + 12, little),
      data: bytes.subarray(at + header, at + header + caplen),
    });
  }
  return { linktype: view.getUint32(20, little) & 0xffff, snaplen: view.getUint32(16, little), records };
}

/** As tshark prints a time it can hold: seconds, a point, nine digits. */
export function epochText(tsNs: bigint): string {
  return `${tsNs / 1_000_000_000n}.${(tsNs % 1_000_000_000n).toString().padStart(9, '0')}`;
}
