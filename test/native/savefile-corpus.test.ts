// The native savefile reader over the captures that are damaged, odd or something else: what is whole is delivered, the
// rest is one typed error that says where. (The valid ones are replayed end to end.)

import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CorpusFile, corpusFiles, corpusPresent } from '../support/corpus.js';
import { outcomeOf, SavefileBench } from '../support/replay-bytes.js';

describe.skipIf(!corpusPresent)('the native savefile reader', () => {
  let bench: SavefileBench;
  beforeAll(() => {
    bench = new SavefileBench(4 << 20);
  });
  afterAll(() => bench[Symbol.dispose]());

  const named = (files: CorpusFile[]) =>
    files.map((file) => ({ ...file, name: file.path.split('/').slice(-2).join('/') }));
  const odd = named(corpusFiles('edge'));
  // Wireshark reads a file that calls itself damaged only in its name, and one whose lengths were swapped.
  const damaged = named(corpusFiles('malformed')).filter(({ packets }) => packets === undefined);

  it.each(odd.filter(({ packets, path }) => packets !== undefined && statSync(path).size > 0))(
    'reads all of $name',
    async ({ path, packets }) => {
      const replayed = await bench.replayFile(path);
      expect(outcomeOf(replayed)).toBe('finished');
      expect(replayed.packets.length).toBe(packets);
    },
  );

  it.each([...damaged, ...odd.filter(({ packets }) => packets === undefined)])(
    'delivers what is whole of $name, and says where it stopped',
    async ({ path, tcpdumpPackets, walkPackets }) => {
      const { packets, end } = await bench.replayFile(path);
      expect(end.reason).toBe('failed');
      expect(end.error!.code).toMatch(/^ERR_TAP_(CUT|DAMAGED)_SAVEFILE$/);
      expect(end.error!.byteOffset).toBeLessThan(statSync(path).size);
      if (tcpdumpPackets !== undefined) expect(packets.length).toBe(tcpdumpPackets);
      else expect(packets.length).toBeLessThanOrEqual(walkPackets);
    },
  );

  it.each(named(corpusFiles('foreign')))('says that $name is no savefile', async ({ path }) => {
    const replayed = await bench.replayFile(path);
    expect(outcomeOf(replayed)).toBe('ERR_TAP_NOT_A_SAVEFILE at 0');
    expect(replayed.end.error!.message).toMatch(/looks like|begins with/);
    expect(replayed.packets).toEqual([]);
  });
});
