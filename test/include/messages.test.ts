// The consumer in C reads MessagePack by itself. It understands what our own codec writes, steps over all that it doesn't
// know, and no message, however spoilt, makes it read a byte too many.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../src/control/codec.js';
import type { FromTap, Welcome } from '../../src/control/messages.js';
import { compileProgram } from '../support/c-compiler.js';
import { run } from '../support/run.js';

const packr = new Packr({ useRecords: false, moreTypes: false, int64AsType: 'bigint' });

let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(`${tmpdir()}/pkttap-messages-`);
  program = await compileProgram('decode-message.c', folder, [
    '-g',
    '-fsanitize=address,undefined',
    '-fno-sanitize-recover',
  ]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the program makes of each message. */
async function decodeAll(messages: readonly Uint8Array[]): Promise<string[]> {
  const input = messages.map((bytes) => `${Buffer.from(bytes).toString('hex')}\n`).join('');
  const { stdout, stderr, status } = await run(program, [], { input: Buffer.from(input) });
  expect([stderr, status]).toEqual(['', 0]);
  return stdout.toString().trim().split('\n');
}

const NOTHING = { type: '', code: '', message: '', reason: '', policy: '', version: 0, member: 0, epoch: 0, lanes: [] };

const lanes = [
  { position: 0n, sequence: 0n },
  { position: 2n ** 63n - 1n, sequence: 2n ** 32n },
  { position: 2n ** 53n + 1n, sequence: 2n ** 64n - 1n },
];
const session = { policy: 'lossless', stallTimeoutMs: 30_000, lanes } as const;
const WELCOME: Welcome = { type: 'welcome', version: 1, tap: 't', pid: 70_000, source: 'savefile ä', session };

describe('messages of a tap, in C', () => {
  it('are what TypeScript has written', async () => {
    const messages: FromTap[] = [
      WELCOME,
      { ...WELCOME, session: { ...session, share: { member: 7, epoch: 300 } } },
      { type: 'refuse', code: 'ERR_TAP_REFUSED', message: 'x'.repeat(200) },
      { type: 'notice', kind: 'made-lossy', message: 'slow' },
      { type: 'bye', reason: 'evicted', message: 'the cursor went back' },
      { type: 'left', ends: [0n, 2n ** 63n - 1n] },
    ];
    const said = (await decodeAll(messages.map(encode))).map((line) => JSON.parse(line));
    const told = lanes.map(({ position, sequence }) => [String(position), String(sequence)]);
    expect(said).toEqual([
      { ...NOTHING, type: 'welcome', version: 1, policy: 'lossless', lanes: told },
      { ...NOTHING, type: 'welcome', version: 1, policy: 'lossless', member: 7, epoch: 300, lanes: told },
      { ...NOTHING, type: 'refuse', code: 'ERR_TAP_REFUSED', message: 'x'.repeat(200) },
      { ...NOTHING, type: 'notice', message: 'slow' },
      { ...NOTHING, type: 'bye', reason: 'evicted', message: 'the cursor went back' },
      {
        ...NOTHING,
        type: 'left',
        lanes: [
          ['0', '0'],
          [String(2n ** 63n - 1n), '0'],
        ],
      },
    ]);
  });

  it('may say more than is known, of any type and depth', async () => {
    const anything = fc.sample(fc.object({ maxDepth: 4, withTypedArray: true, key: fc.string() }), {
      seed: 5,
      numRuns: 500,
    });
    const messages = anything.map((more, i) =>
      packr.pack({ more, type: 'bye', [`x${i}`]: [more, null, -1, 0.5], reason: 'stopped' }),
    );
    const said = await decodeAll(messages.filter(({ length }) => length < 16_384));
    const expected = JSON.stringify({ ...NOTHING, type: 'bye', reason: 'stopped' });
    expect(said.length).toBeGreaterThan(400);
    expect(said.filter((line) => line !== expected)).toEqual([]);
  });

  it('that are cut are refused, wherever', async () => {
    const bytes = encode(WELCOME);
    const cut = Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length));
    expect(new Set(await decodeAll(cut))).toEqual(new Set(['refused']));
  });

  it.each([
    ['a map of 2^32 entries', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['a text of 4 GiB', [0x81, 0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ['arrays within arrays', [0x81, 0xa1, 0x61, ...Array<number>(16_000).fill(0x91)]],
    ['an array that promises more arrays than there are bytes', [0x81, 0xa1, 0x61, 0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0]],
    ['a key that is no text', [0x81, 0x01, 0x01]],
    ['the byte that means nothing', [0x81, 0xa1, 0x61, 0xc1]],
    ['no map', [0x91, 0x01]],
    ['nothing', []],
  ])('of %s are refused', async (_, bytes) => {
    expect(await decodeAll([Uint8Array.from(bytes)])).toEqual(['refused']);
  });

  it.each([
    ['17 lanes', Array(17).fill(lanes[0])],
    ['a lane without a sequence', [{ position: 1n }]],
    ['a lane at a negative position', [{ position: -1n, sequence: 0n }]],
    ['a lane that is none', [1]],
  ])('with %s are refused', async (_, wrong) => {
    expect(await decodeAll([packr.pack({ ...WELCOME, session: { ...session, lanes: wrong } })])).toEqual(['refused']);
  });

  it.each([
    ['17 ends', Array(17).fill(0)],
    ['an end at a negative position', [-1n]],
    ['an end that is none', ['1']],
  ])('with %s are refused', async (_, ends) => {
    expect(await decodeAll([packr.pack({ type: 'left', ends })])).toEqual(['refused']);
  });

  it('that are spoilt in any way do no harm', async () => {
    const bytes = encode(WELCOME);
    const spoilt = Array.from({ length: bytes.length * 256 }, (_, i) => {
      const copy = bytes.slice();
      copy[i >> 8] = i & 255;
      return copy;
    });
    expect((await decodeAll(spoilt)).length).toBe(spoilt.length);
  });
});
