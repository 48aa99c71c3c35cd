// Compressed savefiles through the native reader: each compression by its first bytes, in a file and through a pipe, whole,
// cut at every byte, and spoilt. The programs that compress are the ones people use.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pcapHeader, pcapRecord } from '../support/craft-savefile.js';
import { DEMO_PACKETS, DEMO_PCAP, DEMO_PCAPNG } from '../support/pkttap.js';
import { outcomeOf, SavefileBench } from '../support/replay-bytes.js';

const PROGRAMS = ['gzip', 'zstd', 'lz4'] as const;

function compress(program: string, bytes: Uint8Array, ...args: string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(program, ['-c', ...args], { input: bytes });
  expect(status, String(stderr)).toBe(0);
  return stdout;
}

const present = (program: string) => spawnSync(program, ['--version']).status === 0;
for (const program of PROGRAMS)
  if (!present(program)) console.warn(`SKIPPED: tests of ${program}: it is not installed`);

/** A file of packets that compress badly, so that a cut falls into most of them. */
const small = Buffer.concat([
  pcapHeader(),
  ...Array.from({ length: 4 }, (_, i) => {
    const data = Buffer.from(Array.from({ length: 16 }, (_, at) => (at * at * 31 + i * 97) & 0xff));
    return pcapRecord({ seconds: i, data });
  }),
]);

let bench: SavefileBench;
beforeAll(() => {
  bench = new SavefileBench(4 << 20);
});
afterAll(() => bench[Symbol.dispose]());

describe.each(PROGRAMS)('a savefile compressed with %s', (program) => {
  const itThere = it.skipIf(!present(program));

  itThere.each([DEMO_PCAP, DEMO_PCAPNG])('has the packets of the plain one (%s)', async (path) => {
    const plain = await bench.replayFile(path);
    const unpacked = await bench.replayBytes(compress(program, readFileSync(path)));
    expect(outcomeOf(unpacked)).toBe('finished');
    expect(unpacked.packets.length).toBe(DEMO_PACKETS);
    expect(unpacked.packets.map(({ tsNs, origlen }) => [tsNs, origlen])).toEqual(
      plain.packets.map(({ tsNs, origlen }) => [tsNs, origlen]),
    );
    expect(unpacked.packets.every(({ data }, i) => Buffer.compare(data, plain.packets[i]!.data) === 0)).toBe(true);
  });

  itThere('may be several compressed pieces, with zeros after them', async () => {
    const pieces = [small.subarray(0, 100), small.subarray(100)].map((piece) => compress(program, piece));
    const replayed = await bench.replayBytes(...pieces, Buffer.alloc(512));
    expect(outcomeOf(replayed)).toBe('finished');
    expect(replayed.packets.length).toBe(4);
  });

  itThere('may be as long as the pieces it is unpacked in', async () => {
    const exact = Buffer.alloc(512 * 1024);
    pcapHeader().copy(exact);
    // Behind the header, zeros are records of packets without a byte: 8 bytes short of a whole one, then whole.
    const whole = await bench.replayBytes(compress(program, exact), compress(program, Buffer.alloc(8)));
    expect(outcomeOf(whole)).toBe('finished');
    expect(whole.packets.length).toBe((512 * 1024 - 16) / 16);
  });

  itThere('that was cut anywhere gives whole packets and one error that says so', async () => {
    const packed = compress(program, small);
    let before = 0;
    for (let length = 4; length < packed.length; length++) {
      const { end, packets } = await bench.replayBytes(packed.subarray(0, length));
      expect(end.error, `${length} bytes`).toMatchObject({ code: 'ERR_TAP_CUT_SAVEFILE' });
      expect(end.error!.message).toContain(`${program} data goes on`);
      expect(packets.length).toBeGreaterThanOrEqual(before);
      before = packets.length;
    }
  });

  itThere('that was spoilt anywhere gives an error or the packets, and never hangs', async () => {
    const packed = compress(program, small);
    const codes = new Set<string>();
    for (let at = 4; at < packed.length; at++) {
      const spoilt = Buffer.from(packed);
      spoilt[at]! ^= 0x55;
      const { end, packets } = await bench.replayBytes(spoilt);
      expect(packets.length).toBeLessThanOrEqual(4);
      codes.add(end.error?.code ?? end.reason);
    }
    expect(codes).toContain('ERR_TAP_DAMAGED_SAVEFILE');
  });

  itThere('that has something else behind it is damaged there, after all its packets', async () => {
    const packed = compress(program, small);
    const replayed = await bench.replayBytes(packed, Buffer.from('something else'));
    expect(replayed.end.error).toMatchObject({ code: 'ERR_TAP_DAMAGED_SAVEFILE', byteOffset: packed.length });
    expect(replayed.packets.length).toBe(4);
  });

  itThere('that holds a savefile that is cut tells the place in the unpacked data', async () => {
    const { end, packets } = await bench.replayBytes(compress(program, small.subarray(0, -1)));
    expect(end.error).toMatchObject({ code: 'ERR_TAP_CUT_SAVEFILE', byteOffset: 24 + 3 * 32 });
    expect(end.error!.message).toContain('(in the unpacked data)');
    expect(packets.length).toBe(3);
  });

  itThere('that holds no savefile says what it holds', async () => {
    const { end } = await bench.replayBytes(compress(program, Buffer.from('GET / HTTP/1.1')));
    expect(end.error).toMatchObject({ code: 'ERR_TAP_NOT_A_SAVEFILE' });
    expect(end.error!.message).toContain('begins with 47 45 54 20');
  });
});

describe('a compressed savefile', () => {
  it('is unpacked once: what is packed twice is no savefile', async () => {
    const replayed = await bench.replayBytes(gzipSync(gzipSync(small)));
    expect(outcomeOf(replayed)).toBe('ERR_TAP_NOT_A_SAVEFILE at 0');
  });

  it('of nothing is empty', async () => {
    expect(outcomeOf(await bench.replayBytes(gzipSync('')))).toBe('ERR_TAP_EMPTY_SAVEFILE at 0');
  });
});
