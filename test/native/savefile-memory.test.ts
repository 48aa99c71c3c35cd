// What reading a savefile costs in memory: never more than a few buffers, whatever the file says of itself.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { corpusFiles, corpusPresent } from '../support/corpus.js';
import { block, interfaceDescription, packetBlock, pcapHeader, sectionHeader } from '../support/craft-savefile.js';
import { output } from '../support/run.js';

const PROGRAM = join(import.meta.dirname, '../programs/read-savefiles.js');
const BOUND_BYTES = 64 << 20;

interface Report {
  readonly path: string;
  readonly reason: string;
  readonly code?: string;
  readonly packets: number;
  readonly grewBytes: number;
}

async function read(paths: readonly string[]): Promise<Report[]> {
  const lines = (await output('node', [PROGRAM, ...paths])).toString().split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Report);
}

function file(name: string, ...parts: readonly Uint8Array[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'pkttap-memory-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, name), Buffer.concat(parts));
  return join(directory, name);
}

const tooLarge = (reports: readonly Report[]) => reports.filter(({ grewBytes }) => grewBytes >= BOUND_BYTES);

it.skipIf(!corpusPresent)('stays in bounds over everything that is damaged, odd or foreign', async () => {
  const paths = ['malformed', 'edge', 'foreign'].flatMap((kind) => corpusFiles(kind).map(({ path }) => path));
  const reports = await read(paths);
  expect(reports).toHaveLength(paths.length);
  expect(tooLarge(reports)).toEqual([]);
});

it('stays in bounds over files many times as large', async () => {
  // Zeros are records of packets without a byte.
  const zeros = Buffer.alloc(8 << 20);
  const packed = [gzipSync(pcapHeader()), ...Array<Buffer>(24).fill(gzipSync(zeros))];
  const reports = await read([file('packed', ...packed)]);
  expect(reports).toMatchObject([{ reason: 'finished', packets: (24 * zeros.length) / 16 }]);
  expect(tooLarge(reports)).toEqual([]);
});

it('stays in bounds over blocks of the largest size, and lengths that lie', async () => {
  const begin = [sectionHeader('little'), interfaceDescription('little')];
  const largest = block('little', 0x0bad, Buffer.alloc((16 << 20) - 12));
  const lie = block('little', 6, Buffer.alloc(64), 16 << 20);
  const reports = await read([
    file('large', ...begin, ...Array<Buffer>(8).fill(largest), packetBlock('little')),
    file('lie', ...begin, packetBlock('little'), lie),
  ]);
  expect(reports).toMatchObject([
    { reason: 'finished', packets: 1 },
    { reason: 'failed', packets: 1, code: 'ERR_TAP_CUT_SAVEFILE' },
  ]);
  expect(tooLarge(reports)).toEqual([]);
});
