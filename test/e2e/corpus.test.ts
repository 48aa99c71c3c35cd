// The promise that everything else rests on: what goes into a tap comes out of it. Every valid capture of the corpus is
// replayed by one process and written back by another, and tshark (or tcpdump, for link types that tshark doesn't know)
// says of both whether they are the same: count, bytes, caplen, origlen, time to the nanosecond, link type, interface,
// comments.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusPresent } from '../support/corpus.js';
import { comparable, corpusForTcpdump, corpusGroups, recordsByTcpdump } from '../support/corpus-groups.js';
import { output, run } from '../support/run.js';
import { describeCapture } from '../support/tshark.js';

const PKTTAP = join(import.meta.dirname, '../../bin/pkttap.js');

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pkttap-corpus-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

/** Replays files in one process; what `attach -w -` in another wrote. */
async function replayAndWriteBack(paths: readonly string[], tap: string): Promise<Buffer> {
  const env = { PKTTAP_DIR: directory };
  const [replay, written] = await Promise.all([
    run('node', [PKTTAP, 'replay', '-t', '--wait-for', '1', '--tap', tap, ...paths], { env }),
    output('node', [PKTTAP, 'attach', tap, '--wait', '-w', '-'], { env }),
  ]);
  expect(replay.stderr).toMatch(/packets? \(\d+ bytes\) replayed/);
  expect(replay.status).toBe(0);
  return written;
}

describe.skipIf(!corpusPresent)('every valid capture of the corpus, replayed and written back', () => {
  for (const group of corpusPresent ? [...corpusGroups(), ...corpusGroups(300, 'valid-gz')] : []) {
    it(`carries the same packets as tshark reads them (${group.name}, ${group.paths.length} files)`, async () => {
      const written = await replayAndWriteBack(group.paths, group.name.replaceAll(' ', '-'));
      const expected = await group.expected();
      const got = comparable(await describeCapture(written));
      const firstDifference = expected.findIndex(({ line }, i) => line !== got[i]);
      expect(firstDifference < 0 ? 'same' : `${expected[firstDifference]!.path}: ${got[firstDifference]}`).toBe('same');
      expect(got).toHaveLength(expected.length);
      expect(got.length).toBeGreaterThan(0);
    });
  }

  it('carries the same packets as tcpdump reads them, for link types that tshark does not know', async () => {
    const files = corpusForTcpdump();
    expect(files.length).toBeGreaterThan(0);
    for (const [i, { path }] of files.entries()) {
      const written = await replayAndWriteBack([path], `tcpdump-${i}`);
      expect(Buffer.compare(await recordsByTcpdump(written), await recordsByTcpdump(path)), path).toBe(0);
    }
  });
});
