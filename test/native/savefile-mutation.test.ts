// Spoilt savefiles through the native reader into a ring, as fast-check makes them of real ones: bytes, lengths and counts that
// lie, pieces lost, doubled and exchanged. Whatever was spoilt: what stands before it is delivered as it stood, and the end is
// good or one typed error that names a place in the file. The seed is fixed and a failure prints it with the case's path, so it
// repeats; how many cases there are depends on the machine alone.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PacketView } from '../../src/packet/packet-view.js';
import { corpusFiles } from '../support/corpus.js';
import { DEMO_PCAP, DEMO_PCAPNG } from '../support/pkttap.js';
import { SavefileBench } from '../support/replay-bytes.js';

/** With the sanitizers' share, about a minute of mutation. */
const BUDGET_MS = 30_000;
const SEED = 20_261_121;
const WATCHDOG_MS = 300_000;
const LARGEST = 20_000;

const CODES = /^ERR_TAP_(CUT|DAMAGED|EMPTY|NOT_A)_SAVEFILE$/;

let bench: SavefileBench;
beforeAll(() => {
  bench = new SavefileBench(4 << 20);
});
afterAll(() => bench[Symbol.dispose]());

/** Some of each format, the smallest first, and the project's own. */
function originals(): Buffer[] {
  const files = ['valid', 'edge', 'malformed', 'valid-gz'].flatMap((kind) => corpusFiles(kind));
  const some = files.filter((_, i) => i % 9 === 0).map(({ path }) => readFileSync(path));
  const demo = [DEMO_PCAP, DEMO_PCAPNG].map((path) => readFileSync(path).subarray(0, LARGEST));
  return [...demo, ...some.filter(({ length }) => length > 0 && length <= LARGEST)];
}

/** A change: where it begins, and the file after it. */
type Change = (bytes: Buffer) => { at: number; bytes: Buffer };

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const oddWord = fc.oneof(
  fc.constantFrom(
    0,
    1,
    4,
    8,
    11,
    12,
    13,
    28,
    32,
    0xffff,
    262_144,
    262_145,
    1 << 24,
    0x7fff_ffff,
    0xffff_fffc,
    0xffff_ffff,
  ),
  fc.constantFrom(0x0a0d0d0a, 0x1a2b3c4d, 0xa1b2c3d4, 2, 3, 5, 6),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

const index = (bytes: Buffer, at: number) => Math.floor(at * bytes.length);
/** Lengths, types and counts stand at multiples of four in either format. */
const wordIndex = (bytes: Buffer, at: number) => index(bytes, at) & ~3;

const anyByte = fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(
  ([where, bits]): Change =>
    (bytes) => {
      const at = index(bytes, where);
      const changed = Buffer.from(bytes);
      changed[at]! ^= bits;
      return { at, bytes: changed };
    },
);

const anyWord = fc.tuple(place, oddWord, fc.boolean()).map(
  ([where, word, isBig]): Change =>
    (bytes) => {
      const at = wordIndex(bytes, where);
      const changed = Buffer.from(bytes);
      if (at + 4 <= bytes.length) isBig ? changed.writeUInt32BE(word, at) : changed.writeUInt32LE(word, at);
      return { at, bytes: changed };
    },
);

const loss = fc.tuple(place, fc.integer({ min: 1, max: 300 })).map(
  ([where, count]): Change =>
    (bytes) => {
      const at = index(bytes, where);
      return { at, bytes: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)]) };
    },
);

const exchange = fc.tuple(place, place, fc.integer({ min: 1, max: 200 })).map(
  ([to, from, count]): Change =>
    (bytes) => {
      const at = wordIndex(bytes, to);
      const piece = bytes.subarray(wordIndex(bytes, from)).subarray(0, count);
      return { at, bytes: Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]) };
    },
);

const fact = ({ tsNs, origlen, linktype, data }: PacketView) =>
  `${tsNs} ${origlen} ${linktype} ${Buffer.from(data).toString('base64')}`;

const changes = fc.array(fc.oneof(anyByte, anyWord, anyWord, loss, exchange), { minLength: 1, maxLength: 3 });

async function expectWhatStandsBefore(original: Buffer, all: readonly Change[]): Promise<void> {
  let first = original.length;
  let bytes = original;
  for (const change of all) {
    const changed = change(bytes);
    first = Math.min(first, changed.at);
    bytes = changed.bytes;
  }
  const before = await bench.replayBytes(original.subarray(0, first));
  const spoilt = await bench.replayBytes(bytes);
  const isPacked = original.readUInt16BE(0) === 0x1f8b;
  if (!isPacked) expect(spoilt.packets.slice(0, before.packets.length).map(fact)).toEqual(before.packets.map(fact));
  if (spoilt.end.reason === 'finished') return;
  expect(spoilt.end.error!.code).toMatch(CODES);
  if (!isPacked) expect(spoilt.end.error!.byteOffset).toBeLessThanOrEqual(bytes.length);
}

it('delivers what stands before the damage, and names a place in the file', { timeout: WATCHDOG_MS }, async () => {
  let last = Promise.resolve();
  const property = fc.asyncProperty(fc.constantFrom(...originals()), changes, async (original, all) => {
    last = expectWhatStandsBefore(original, all);
    await last;
  });
  const numRuns = Number.MAX_SAFE_INTEGER;
  await fc.assert(property, { seed: SEED, numRuns, interruptAfterTimeLimit: BUDGET_MS, endOnFailure: true });
  // fast-check leaves the case that its time limit interrupts; its replay must have ended before the ring goes.
  await last;
});
