// The second reader: the package pcap-parser behind its guard. It judges our own reader over the corpus, and is itself
// held to telling what it can't read, what is cut, and what lies.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PacketView } from '../../src/packet/packet-view.js';
import type { PacketSource, SourceEnd } from '../../src/source/packet-source.js';
import { PcapParserSource } from '../../src/source/pcap-parser.js';
import { ReplaySource } from '../../src/source/replay.js';
import { type CorpusFile, corpusFiles, corpusPresent } from '../support/corpus.js';
import { pcapHeader, pcapRecord } from '../support/craft-savefile.js';
import { DEMO_PACKETS, DEMO_PCAP, DEMO_PCAPNG } from '../support/pkttap.js';
import { outcomeOf, SavefileBench } from '../support/replay-bytes.js';
import { makeTestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

let bench: SavefileBench;
beforeAll(() => {
  bench = new SavefileBench(64 << 20, (path) => new PcapParserSource([path]));
});
afterAll(() => bench[Symbol.dispose]());

/** All that must be the same, whichever reader it was. */
const facts = ({ tsNs, caplen, origlen, flags, linktype, data, interface: { snaplen, fcslen } }: PacketView) =>
  `${tsNs} ${caplen} ${origlen} ${flags} ${linktype} ${snaplen} ${fcslen} ${Buffer.from(data).toString('base64')}`;

describe('pcap-parser behind its guard', () => {
  it.skipIf(!corpusPresent)('reads of every valid classic file what our own reader does', async () => {
    const ours = new SavefileBench(64 << 20);
    let packets = 0;
    const refused: string[] = [];
    for (const { path } of [...corpusFiles('valid'), ...corpusFiles('valid-gz')].filter(isForIt)) {
      const [expected, got] = [await ours.replayFile(path), await bench.replayFile(path)];
      if (got.end.error?.message.includes('reads only 2.4')) refused.push(path);
      else expect(outcomeOf(got), path).toBe('finished');
      if (got.end.error === undefined) expect(got.packets.map(facts), path).toEqual(expected.packets.map(facts));
      packets += got.packets.length;
    }
    ours[Symbol.dispose]();
    expect(packets).toBeGreaterThan(50_000);
    expect(refused.length).toBeLessThan(20);
  });

  it('reads nanoseconds as nanoseconds, of either byte order', async () => {
    for (const endian of ['little', 'big'] as const) {
      const file = [pcapHeader({ endian, magic: 0xa1b23c4d }), pcapRecord({ endian, seconds: 3, fraction: 7 })];
      const { packets } = await bench.replayBytes(...file);
      expect(packets.map(({ tsNs }) => tsNs)).toEqual([3_000_000_007n]);
    }
  });

  it('delivers what is whole of a file cut anywhere, and says that it is cut', async () => {
    const whole = Buffer.concat([pcapHeader(), pcapRecord({ data: Buffer.alloc(9) }), pcapRecord()]);
    for (let length = 0; length < whole.length; length++) {
      const replayed = await bench.replayBytes(whole.subarray(0, length));
      const records = length < 49 ? 0 : 1;
      expect(replayed.packets.length, `${length} bytes`).toBe(records);
      const place = length < 49 ? (length < 24 ? 0 : 24) : 49;
      const wanted = length === 0 ? 'ERR_TAP_EMPTY_SAVEFILE at 0' : `ERR_TAP_CUT_SAVEFILE at ${place}`;
      expect(outcomeOf(replayed)).toBe(length === 24 || length === 49 ? 'finished' : wanted);
    }
  });

  it('refuses a length that lies, after the packets before it, and reads no further', async () => {
    const lie = pcapRecord({ caplen: 0x7fff_ffff });
    const replayed = await bench.replayBytes(pcapHeader(), pcapRecord(), lie, Buffer.alloc(8 << 20));
    expect(outcomeOf(replayed)).toBe('ERR_TAP_DAMAGED_SAVEFILE at 100');
    expect(replayed.packets.length).toBe(1);
  });

  it('tells gzip that is cut and gzip that is spoilt', async () => {
    const packed = gzipSync(readFileSync(DEMO_PCAP));
    const cut = await bench.replayBytes(packed.subarray(0, packed.length / 2));
    expect(cut.end.error).toMatchObject({ code: 'ERR_TAP_CUT_SAVEFILE' });
    expect(cut.packets.length).toBeGreaterThan(0);
    packed[packed.length - 6]! ^= 1;
    const spoilt = await bench.replayBytes(packed);
    expect(spoilt.end.error).toMatchObject({ code: 'ERR_TAP_DAMAGED_SAVEFILE' });
  });

  it('says that it reads neither pcapng nor old versions', async () => {
    expect(outcomeOf(await bench.replayFile(DEMO_PCAPNG))).toBe('ERR_TAP_NOT_A_SAVEFILE at 0');
    const { end } = await bench.replayBytes(pcapHeader({ minor: 3 }));
    expect(end.error!.message).toContain('version 2.3, and pcap-parser reads only 2.4');
  });

  it.each([
    ['that is not there', '/nonexistent/file.pcap', 'ENOENT'],
    ['that is a folder', '/', 'EISDIR'],
  ])('names a file %s', async (_, path, errno) => {
    const { end } = await bench.replayFile(path);
    expect(end).toMatchObject({ reason: 'failed', error: { code: 'ERR_TAP_NO_FILE', path, errno } });
  });

  it('goes through its files as often as asked, on the same interfaces, and stops at the limit', async () => {
    using ring = makeTestRing();
    const looped = new PcapParserSource([DEMO_PCAP, DEMO_PCAP], { loops: 2 });
    expect(await ended(looped, ring.handle)).toEqual({ reason: 'finished' });
    expect(looped.result).toEqual({ packets: 4 * DEMO_PACKETS, loops: 2, withoutPackets: [] });
    expect(ring.interfaces.map(({ section }) => section)).toEqual([0, 1]);
    const limited = new PcapParserSource([DEMO_PCAP], { loops: 0, limit: 300 });
    expect(await ended(limited, ring.handle)).toEqual({ reason: 'stopped' });
    expect(limited.result.packets).toBe(300);
  });

  it('waits for a lossless consumer that is behind, and can be stopped meanwhile', async () => {
    using ring = makeTestRing({ capacity: 1 << 20, lossless: true });
    const source = new PcapParserSource([DEMO_PCAP], { loops: 0 });
    const end = ended(source, ring.handle);
    let read = 0;
    await until(() => {
      read += ring.read().length;
      return read > 20 * DEMO_PACKETS;
    });
    source.stop();
    expect(await end).toEqual({ reason: 'stopped' });
    read += ring.read().length;
    expect(read).toBe(ring.counters.published);
  });
});

/** What pcap-parser reads: classic files with the usual records. */
function isForIt({ format }: CorpusFile): boolean {
  return /^(gzip\()?pcap-[lb]e-[un]s\)?$/.test(format);
}

function ended(source: PacketSource, ring: Parameters<PacketSource['start']>[0]): Promise<SourceEnd> {
  return new Promise((resolve) => source.start(ring, resolve));
}

describe('our own reader', () => {
  it('gives the same as pcap-parser does of the demo capture, too', async () => {
    const ours = new SavefileBench(4 << 20, (path) => new ReplaySource([path], { pace: { kind: 'topspeed' } }));
    const [expected, got] = [await bench.replayFile(DEMO_PCAP), await ours.replayFile(DEMO_PCAP)];
    ours[Symbol.dispose]();
    expect(got.packets.map(facts)).toEqual(expected.packets.map(facts));
    expect(got.packets.length).toBe(DEMO_PACKETS);
  });
});
