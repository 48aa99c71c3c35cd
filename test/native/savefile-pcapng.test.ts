// The native reader of pcapng, over files put together block by block: the blocks that carry packets, the times they can
// have, sections of both byte orders, every way to be cut, lengths that lie.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordFlag } from '../../src/packet/record.js';
import {
  block,
  type Endian,
  fields,
  interfaceDescription,
  option,
  packetBlock,
  sectionHeader,
  simplePacket,
} from '../support/craft-savefile.js';
import { countingBytes } from '../support/packets.js';
import { outcomeOf, SavefileBench } from '../support/replay-bytes.js';

const LE: Endian = 'little';
const HEAD = Buffer.concat([sectionHeader(LE), interfaceDescription(LE)]);

const tsresol = (value: number) => option(LE, 9, Uint8Array.of(value));
const tsoffset = (seconds: bigint) => option(LE, 14, fields(LE, ['u64', seconds]));

describe('the native reader of pcapng', () => {
  let bench: SavefileBench;
  beforeAll(() => {
    bench = new SavefileBench();
  });
  afterAll(() => bench[Symbol.dispose]());

  it.each<Endian>(['little', 'big'])('reads all three blocks that carry packets, %s-endian', async (endian) => {
    const data = countingBytes(61);
    const replayed = await bench.replayBytes(
      sectionHeader(endian),
      interfaceDescription(endian, { linktype: 113, snaplen: 40 }),
      packetBlock(endian, { ticks: 5_000_000_000n, data, origlen: 99 }),
      packetBlock(endian, { ticks: 7n, data }, 2),
      simplePacket(endian, data.subarray(0, 40), 61),
      simplePacket(endian, data.subarray(0, 3)),
    );
    expect(outcomeOf(replayed)).toBe('finished');
    const told = replayed.packets.map(({ tsNs, caplen, origlen, linktype }) => [tsNs, caplen, origlen, linktype]);
    expect(told).toEqual([
      [5_000_000_000_000n, 61, 99, 113],
      [7_000n, 61, 61, 113],
      [0n, 40, 61, 113],
      [0n, 3, 3, 113],
    ]);
    expect(replayed.packets[2]!.data).toEqual(data.subarray(0, 40));
  });

  it('steps over blocks that carry no packets, however long they are', async () => {
    const replayed = await bench.replayBytes(
      HEAD,
      block(LE, 5, new Uint8Array(12)),
      block(LE, 0x0bad, new Uint8Array(0)),
      block(LE, 0x8000_0bad, new Uint8Array(3 << 20)),
      packetBlock(LE, { data: countingBytes(9) }),
    );
    expect(outcomeOf(replayed)).toBe('finished');
    expect(replayed.packets.map(({ caplen }) => caplen)).toEqual([9]);
  });

  it('begins anew with each section: byte order, interfaces and their numbers', async () => {
    const known = bench.ring.interfaces.length;
    const { packets } = await bench.replayBytes(
      HEAD,
      interfaceDescription(LE, { linktype: 101 }),
      packetBlock(LE, { interfaceId: 1 }),
      sectionHeader('big'),
      interfaceDescription('big', { linktype: 113 }),
      packetBlock('big', { interfaceId: 0, ticks: 1n }),
      sectionHeader(LE),
      interfaceDescription(LE, { linktype: 276 }),
      packetBlock(LE),
    );
    expect(packets.map(({ linktype }) => linktype)).toEqual([101, 113, 276]);
    const sections = packets.map((packet) => packet.interface.section);
    expect(sections.map((section) => section - sections[0]!)).toEqual([0, 1, 2]);
    expect(packets.map(({ interfaceIndex }) => interfaceIndex - known)).toEqual([1, 2, 3]);
  });

  it('keeps what an interface says of itself', async () => {
    const text = (code: number, value: string) => option(LE, code, Buffer.from(value));
    const options = [text(2, 'eth0'), text(3, 'uplink'), text(11, '\0port 53'), text(12, 'Linux'), text(0, '')];
    const { packets } = await bench.replayBytes(
      sectionHeader(LE),
      interfaceDescription(LE, { snaplen: 96, options }),
      packetBlock(LE),
    );
    const expected = { snaplen: 96, name: 'eth0', description: 'uplink', filter: 'port 53', os: 'Linux' };
    expect(packets[0]!.interface).toMatchObject(expected);
  });

  it.each<[string, readonly Uint8Array[], bigint, bigint, number]>([
    ['10^-6 s unless it is said', [], 1_234_567n, 1_234_567_000n, 0],
    ['1 s', [tsresol(0)], 1234n, 1_234_000_000_000n, 0],
    ['10^-3 s', [tsresol(3)], 1234n, 1_234_000_000n, 0],
    ['10^-9 s', [tsresol(9)], 2n ** 64n - 1n, 2n ** 64n - 1n, 0],
    ['10^-12 s, rounded down', [tsresol(12)], 1_999n, 1n, 0],
    ['10^-127 s', [tsresol(127)], 2n ** 64n - 1n, 0n, 0],
    ['2^-10 s', [tsresol(0x80 | 10)], 1025n, 1_000_976_562n, 0],
    ['2^-32 s', [tsresol(0x80 | 32)], (5n << 32n) | (1n << 31n), 5_500_000_000n, 0],
    ['2^-63 s', [tsresol(0x80 | 63)], 2n ** 63n, 1_000_000_000n, 0],
    ['2^-127 s', [tsresol(0x80 | 127)], 2n ** 64n - 1n, 0n, 0],
    ['1 s, more than 64 bits of them hold', [tsresol(0)], 2n ** 64n - 1n, 2n ** 64n - 1n, RecordFlag.odd],
    ['an offset ahead', [tsoffset(10n)], 1n, 10_000_001_000n, 0],
    ['an offset back', [tsoffset(-10n)], 10_000_001n, 1_000n, 0],
    ['an offset to before 1970', [tsoffset(-10n)], 1n, 0n, RecordFlag.odd],
    ['an offset beyond all time', [tsoffset(2n ** 63n - 1n)], 1n, 2n ** 64n - 1n, RecordFlag.odd],
  ])('takes times in units of %s', async (_, options, ticks, tsNs, flags) => {
    const { packets } = await bench.replayBytes(
      sectionHeader(LE),
      interfaceDescription(LE, { options }),
      packetBlock(LE, { ticks }),
    );
    expect(packets).toHaveLength(1);
    expect(packets[0]).toMatchObject({ tsNs, flags });
  });

  it.each<[number, number]>([
    [0, 0],
    [1, RecordFlag.inbound],
    [2, RecordFlag.outbound],
    [3, 0],
    [0x1fd, RecordFlag.inbound],
  ])('takes the direction from flags %i', async (word, flags) => {
    const options = [option(LE, 1, Buffer.from('comment')), option(LE, 2, fields(LE, ['u32', word]))];
    const { packets } = await bench.replayBytes(HEAD, packetBlock(LE, { data: countingBytes(7), options }));
    expect(packets.map((packet) => packet.flags & ~RecordFlag.options)).toEqual([flags]);
  });

  it.each<[Endian, 6 | 2]>([
    ['little', 6],
    ['big', 6],
    ['little', 2],
    ['big', 2],
  ])('keeps the comments of packets in order, %s-endian, block type %i', async (endian, type) => {
    const comment = (text: string) => option(endian, 1, Buffer.from(text));
    const hash = option(endian, 3, Uint8Array.of(2, 1, 2, 3, 4));
    const { packets } = await bench.replayBytes(
      sectionHeader(endian),
      interfaceDescription(endian),
      packetBlock(endian, { data: countingBytes(61), options: [comment('one'), hash, comment('zwei: ä')] }, type),
      packetBlock(endian, { options: [hash] }, type),
      packetBlock(endian, {}, type),
      packetBlock(endian, { options: [comment(''), option(endian, 0, new Uint8Array())] }, type),
    );
    expect(packets.map(({ comments }) => comments)).toEqual([['one', 'zwei: ä'], [], [], ['']]);
    expect(packets.map(({ data }) => data.length)).toEqual([61, 60, 60, 60]);
  });

  it('leaves out comments beyond 128 KiB, and says so', async () => {
    const comment = (bytes: number) => option(LE, 1, Buffer.alloc(bytes, 'c'));
    const options = [comment(65_535), comment(65_000), comment(1000), comment(1)];
    const { packets } = await bench.replayBytes(HEAD, packetBlock(LE, { options }), packetBlock(LE));
    expect(packets.map(({ comments }) => comments.map(({ length }) => length))).toEqual([[65_535, 65_000], []]);
    expect(packets.map(({ flags }) => flags)).toEqual([RecordFlag.options | RecordFlag.optionsCut, 0]);
  });

  it('delivers the whole packets of a file cut at any byte, and says where it is cut', async () => {
    const blocks = [
      sectionHeader(LE),
      interfaceDescription(LE, { options: [option(LE, 2, Buffer.from('eth0'))] }),
      packetBlock(LE, { data: countingBytes(5) }),
      block(LE, 5, new Uint8Array(12)),
      packetBlock(LE, { data: countingBytes(8) }),
    ];
    const file = Buffer.concat(blocks);
    const ends = blocks.map((_, i) => Buffer.concat(blocks.slice(0, i + 1)).length);
    for (let length = 4; length <= file.length; length++) {
      const replayed = await bench.replayBytes(file.subarray(0, length));
      const whole = ends.filter((end) => end <= length).length;
      const packets = [0, 0, 0, 1, 1, 2][whole]!;
      const cut = `ERR_TAP_CUT_SAVEFILE at ${ends[whole - 1] ?? 0}`;
      const wanted = ends.includes(length) ? 'finished' : cut;
      expect([length, outcomeOf(replayed), replayed.packets.length]).toEqual([length, wanted, packets]);
    }
  });

  it.each([0, 8, 13, 2 ** 31 - 1, 2 ** 32 - 4, (16 << 20) + 4])(
    'stops at a block of %i bytes without believing it',
    async (length) => {
      const rssBefore = process.memoryUsage.rss();
      const forged = block(LE, 6, new Uint8Array(80), length);
      const replayed = await bench.replayBytes(HEAD, packetBlock(LE), forged, packetBlock(LE));
      expect(outcomeOf(replayed)).toBe(`ERR_TAP_DAMAGED_SAVEFILE at ${HEAD.length + 92}`);
      expect(replayed.packets.length).toBe(1);
      expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(64 << 20);
    },
  );

  const idb = interfaceDescription(LE);
  it.each<[string, readonly Uint8Array[], number]>([
    ['a block whose two lengths differ', [block(LE, 6, new Uint8Array(80), undefined, 96)], HEAD.length],
    ['a packet larger than its block', [packetBlock(LE, { caplen: 61 + 3 + 1 })], HEAD.length],
    ['a packet larger than any', [packetBlock(LE, { caplen: 262_145 })], HEAD.length],
    ['a packet of 2^32 - 1 bytes', [packetBlock(LE, { caplen: 2 ** 32 - 1 })], HEAD.length],
    ['a packet block with no room for its fields', [block(LE, 6, new Uint8Array(16))], HEAD.length],
    ['a simple packet with no room for its field', [block(LE, 3, new Uint8Array(0))], HEAD.length],
    ['a packet of an interface that is not there', [packetBlock(LE, { interfaceId: 1 })], HEAD.length],
    ['a packet of an interface of the section before', [sectionHeader(LE), packetBlock(LE)], HEAD.length + 28],
    ['an interface with no room for its fields', [block(LE, 1, new Uint8Array(4))], HEAD.length],
    [
      'an option that runs over its block',
      [idb.subarray(0, 4), Buffer.from('1800000001000000000000000200ff7f18000000', 'hex')],
      HEAD.length,
    ],
    ['a section of version 2.0', [sectionHeader(LE, { major: 2 })], HEAD.length + 12],
    [
      'a section header with no room for its fields',
      [block(LE, 0x0a0d0d0a, fields(LE, ['u32', 0x1a2b3c4d]))],
      HEAD.length,
    ],
    ['a section of no byte order', [block(LE, 0x0a0d0d0a, new Uint8Array(16))], HEAD.length + 8],
  ])('stops at %s', async (_, blocks, byteOffset) => {
    const replayed = await bench.replayBytes(HEAD, ...blocks, packetBlock(LE));
    expect(outcomeOf(replayed)).toBe(`ERR_TAP_DAMAGED_SAVEFILE at ${byteOffset}`);
    expect(replayed.packets).toEqual([]);
  });
});
