// Fields of every frame of many classic pcaps, as tshark's dissectors see each packet by itself: the files are joined, and no
// fragment or stream is put together. For 1,700 captures that takes ten seconds.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CorpusFile } from './corpus.js';
import { output } from './run.js';

/** Files that mergecap holds open at a time. */
const FILES_PER_RUN = 300;

/** Each packet by itself. */
const OPTIONS = [
  ...['ip.defragment:FALSE', 'ipv6.defragment:FALSE', 'tcp.desegment_tcp_streams:FALSE'],
  // Packets that were captured where they were sent have no checksum yet.
  ...['tcp.check_checksum:FALSE', 'udp.check_checksum:FALSE', 'ip.check_checksum:FALSE'],
].flatMap((option) => ['-o', option]);

/** For each file, which tshark must be able to read, the fields of its frames, in order; several values have `|` between. */
export async function fieldsByTshark(files: readonly CorpusFile[], fields: readonly string[]): Promise<string[][][]> {
  const found: string[][][] = [];
  for (let at = 0; at < files.length; at += FILES_PER_RUN) {
    const some = files.slice(at, at + FILES_PER_RUN);
    const rows = await fieldsOfMerged(some, fields);
    for (const { packets = 0 } of some) found.push(rows.splice(0, packets));
    if (rows.length > 0) throw new Error(`tshark sees ${rows.length} frames more than the index counts`);
  }
  return found;
}

async function fieldsOfMerged(files: readonly CorpusFile[], fields: readonly string[]): Promise<string[][]> {
  const directory = mkdtempSync(join(tmpdir(), 'pkttap-frames-'));
  try {
    const merged = join(directory, 'merged.pcapng');
    await output('mergecap', ['-a', '-I', 'none', '-w', merged, ...files.map(({ path }) => path)]);
    const shown = ['-T', 'fields', '-E', 'aggregator=|', ...fields.flatMap((field) => ['-e', field])];
    const args = ['-n', '-r', merged, '--enable-protocol', 'communityid', ...OPTIONS, ...shown];
    const text = (await output('tshark', args)).toString();
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
