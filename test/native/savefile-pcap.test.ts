// The native reader of classic pcap, over files put together field by field: every variant, every way to be cut, lengths
// that lie.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordFlag } from '../../src/packet/record.js';
import { type Endian, pcapHeader, pcapRecord } from '../support/craft-savefile.js';
import { countingBytes } from '../support/packets.js';
import { outcomeOf, SavefileBench } from '../support/replay-bytes.js';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const MODIFIED = 0xa1b2cd34;

describe('the native reader of classic pcap', () => {
  let bench: SavefileBench;
  beforeAll(() => {
    bench = new SavefileBench();
  });
  afterAll(() => bench[Symbol.dispose]());

  it.each<[string, Endian, number, bigint, number]>([
    ['little-endian, microseconds', 'little', MICROSECONDS, 1_000_002_000n, 0],
    ['big-endian, microseconds', 'big', MICROSECONDS, 1_000_002_000n, 0],
    ['little-endian, nanoseconds', 'little', NANOSECONDS, 1_000_000_002n, 0],
    ['big-endian, nanoseconds', 'big', NANOSECONDS, 1_000_000_002n, 0],
    ['little-endian, modified', 'little', MODIFIED, 1_000_002_000n, 8],
    ['big-endian, modified', 'big', MODIFIED, 1_000_002_000n, 8],
  ])('reads a file that is %s', async (_, endian, magic, tsNs, extra) => {
    const data = countingBytes(61);
    const replayed = await bench.replayBytes(
      pcapHeader({ endian, magic, linktype: 113 }),
      pcapRecord({ endian, data, origlen: 1500, extra }),
      pcapRecord({ endian, data: new Uint8Array(0), origlen: 7, extra }),
    );
    expect(outcomeOf(replayed)).toBe('finished');
    const [first, second] = replayed.packets;
    expect(replayed.packets.length).toBe(2);
    expect(first).toMatchObject({ caplen: 61, origlen: 1500, tsNs, linktype: 113, flags: RecordFlag.truncated });
    expect(first!.data).toEqual(data);
    expect(second).toMatchObject({ caplen: 0, origlen: 7, tsNs, truncated: true });
  });

  it.each([
    ['2.2, which wrote them the other way round', 2, 60, 100],
    ['2.3, which did either, when they make no sense', 3, 60, 100],
    ['2.3 when they make sense', 3, 100, 60],
    ['2.4', 4, 100, 60],
  ])('takes the lengths of version %s', async (_, minor, origlen, caplen) => {
    // In the file caplen stands first; where the two were swapped, origlen does.
    const swapped = caplen > origlen;
    const data = new Uint8Array(swapped ? origlen : caplen);
    const record = pcapRecord({ data, caplen: swapped ? caplen : data.length, origlen: swapped ? origlen : 100 });
    const { packets } = await bench.replayBytes(pcapHeader({ minor }), record);
    expect(packets.map((packet) => [packet.caplen, packet.origlen])).toEqual([[60, 100]]);
  });

  it('keeps contradictions as they are, and flags them', async () => {
    const { packets } = await bench.replayBytes(
      pcapHeader(),
      pcapRecord({ data: new Uint8Array(60), origlen: 59 }),
      pcapRecord({ fraction: 4_000_000_000 }),
      pcapRecord({ seconds: 0xffff_ffff, fraction: 999_999 }),
    );
    expect(packets.map(({ flags }) => flags)).toEqual([RecordFlag.odd, RecordFlag.odd, 0]);
    expect(packets.map(({ caplen, origlen }) => [caplen, origlen])[0]).toEqual([60, 59]);
    expect(packets[1]!.tsNs).toBe(1_000_000_000n + 4_000_000_000_000n);
    expect(packets[2]!.tsNs).toBe(4_294_967_295_999_999_000n);
  });

  it('delivers the whole records of a file cut at any byte, and says where it is cut', async () => {
    const records = [pcapRecord({ data: countingBytes(5) }), pcapRecord({ data: new Uint8Array(0) }), pcapRecord()];
    const file = Buffer.concat([pcapHeader(), ...records]);
    const starts = records.map((_, i) => 24 + Buffer.concat(records.slice(0, i)).length);
    const boundaries = [...starts, file.length];
    for (let length = 1; length <= file.length; length++) {
      const replayed = await bench.replayBytes(file.subarray(0, length));
      const whole = boundaries.filter((end) => end <= length).length - 1;
      const expected = boundaries.includes(length) ? 'finished' : `ERR_TAP_CUT_SAVEFILE at ${boundaries[whole] ?? 0}`;
      const wanted = length < 4 ? 'ERR_TAP_NOT_A_SAVEFILE at 0' : expected;
      expect([length, outcomeOf(replayed), replayed.packets.length]).toEqual([length, wanted, Math.max(whole, 0)]);
    }
  });

  it.each([262_145, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 4, 2 ** 32 - 1])(
    'stops at a record of %i bytes without believing it',
    async (caplen) => {
      const rssBefore = process.memoryUsage.rss();
      const replayed = await bench.replayBytes(pcapHeader(), pcapRecord(), pcapRecord({ caplen }), pcapRecord());
      expect(outcomeOf(replayed)).toBe('ERR_TAP_DAMAGED_SAVEFILE at 100');
      expect(replayed.packets.length).toBe(1);
      expect(replayed.end.error!.message).toContain(`caplen=${caplen} exceeds 262144`);
      expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(64 << 20);
    },
  );

  it('reads the largest packets there are, across its own chunks', async () => {
    const data = countingBytes(262_144, 3);
    const records = [pcapRecord({ data }), pcapRecord({ data: data.subarray(1) })];
    const { packets } = await bench.replayBytes(pcapHeader(), ...records);
    expect(packets.map(({ caplen }) => caplen)).toEqual([262_144, 262_143]);
    expect(Buffer.compare(packets[0]!.data, data)).toBe(0);
    expect(Buffer.compare(packets[1]!.data, data.subarray(1))).toBe(0);
  });

  it.each([
    ['of version 1', pcapHeader({ major: 1 }), 4],
    ['with a link type beyond 16 bits', pcapHeader({ linktype: 1 << 16 }), 20],
  ])('refuses a file %s', async (_, header, byteOffset) => {
    const replayed = await bench.replayBytes(header, pcapRecord());
    expect(outcomeOf(replayed)).toBe(`ERR_TAP_DAMAGED_SAVEFILE at ${byteOffset}`);
    expect(replayed.packets).toEqual([]);
  });

  it('takes the bits above the link type for what they are: the length of the FCS', async () => {
    const { packets } = await bench.replayBytes(pcapHeader({ linktype: 0x5400_0001 }), pcapRecord());
    expect(packets.map(({ linktype }) => linktype)).toEqual([1]);
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'ERR_TAP_EMPTY_SAVEFILE', 'empty'],
    ['three bytes', Buffer.from('abc'), 'ERR_TAP_NOT_A_SAVEFILE', 'only 3 bytes'],
    ['text', Buffer.from('GET / HTTP/1.1\r\n'), 'ERR_TAP_NOT_A_SAVEFILE', 'begins with 47 45 54 20'],
    ['gzip', Buffer.from('1f8b0800', 'hex'), 'ERR_TAP_NOT_A_SAVEFILE', 'zcat'],
    ['zstd', Buffer.from('28b52ffd', 'hex'), 'ERR_TAP_NOT_A_SAVEFILE', 'zstdcat'],
    ['a program', Buffer.from('7f454c4602', 'hex'), 'ERR_TAP_NOT_A_SAVEFILE', 'ELF'],
  ])('says what a file of %s is instead', async (_, bytes, code, words) => {
    const { end } = await bench.replayBytes(bytes);
    expect(end.error).toMatchObject({ code });
    expect(end.error!.message).toContain(words);
  });

  it.each([
    ['that is not there', '/nonexistent/file.pcap', 'ERR_TAP_NO_FILE', 'ENOENT'],
    ['that is a folder', '/', 'ERR_TAP_NO_FILE', 'EISDIR'],
  ])('names a file %s', async (_, path, code, errno) => {
    const { end } = await bench.replayFile(path);
    expect(end).toMatchObject({ reason: 'failed', error: { code, path, errno } });
  });
});
