// What the classic pcap writer writes, as tcpdump and Wireshark's tools read it, and what it refuses to write.

import { describe, expect, it } from 'vitest';
import { SavefileError } from '../../src/errors.js';
import { makePacket } from '../../src/packet/packet-view.js';
import { compressionOf, formatOf } from '../../src/savefile/format.js';
import { PcapWriter } from '../../src/savefile/pcap/writer.js';
import { encodeRecord, encodeSavefile } from '../support/encode-savefile.js';
import { countingBytes, makeInterface, makePackets } from '../support/packets.js';
import { outputThroughPipe } from '../support/run.js';
import { describeCapture } from '../support/tshark.js';

const eth0 = makeInterface();
const tsNs = 1_700_000_000_123_456_789n;

async function fileFacts(capture: Buffer): Promise<string> {
  return (await outputThroughPipe('capinfos', ['-'], { input: capture })).toString();
}

describe('a pcap savefile', () => {
  it('keeps nanoseconds', async () => {
    const capture = encodeSavefile(new PcapWriter([eth0]), [makePacket({ data: countingBytes(60), tsNs })]);
    expect((await describeCapture(capture))[0]!.time).toBe('1700000000.123456789');
    expect(await fileFacts(capture)).toContain('nanosecond');
  });

  it('has microseconds for readers that know nothing else', async () => {
    const writer = new PcapWriter([eth0], { nanoseconds: false });
    const capture = encodeSavefile(writer, [makePacket({ data: countingBytes(60), tsNs })]);
    expect((await describeCapture(capture))[0]!.time).toBe('1700000000.123456000');
    expect(capture.readUInt32LE(0)).toBe(0xa1b2c3d4);
  });

  it('keeps caplen and origlen, empty and overlong packets too', async () => {
    const lengths = [
      [60, 60],
      [0, 1500],
      [64, 34],
      [262_144, 262_144],
    ] as const;
    const packets = lengths.map(([caplen, origlen]) => makePacket({ data: countingBytes(caplen), origlen }));
    const frames = await describeCapture(encodeSavefile(new PcapWriter([eth0]), packets));
    expect(frames.map(({ caplen, origlen }) => [caplen, origlen])).toEqual(lengths.map((each) => [...each]));
  });

  it('names the largest snaplen of its interfaces', async () => {
    const interfaces = [makeInterface({ snaplen: 96 }), makeInterface({ index: 1, snaplen: 512 })];
    expect(await fileFacts(encodeSavefile(new PcapWriter(interfaces), makePackets(1)))).toContain(
      'file hdr: 512 bytes',
    );
    const unlimited = [...interfaces, makeInterface({ index: 2, snaplen: 0 })];
    const capture = encodeSavefile(new PcapWriter(unlimited), makePackets(1));
    expect(await fileFacts(capture)).toContain('file hdr: 262144 bytes');
  });

  it('says how long the frame check sequence is, if all interfaces have the same', async () => {
    const interfaces = [makeInterface({ fcslen: 4 }), makeInterface({ index: 1, fcslen: 4 })];
    const capture = encodeSavefile(new PcapWriter(interfaces), makePackets(1));
    expect(capture.readUInt32LE(20)).toBe(0x2400_0001);
    expect(await describeCapture(capture)).toMatchObject([{ encap: 1 }]);
    const mixed = [...interfaces, makeInterface({ index: 2 })];
    expect(encodeSavefile(new PcapWriter(mixed), makePackets(1)).readUInt32LE(20)).toBe(1);
    const odd = [makeInterface({ fcslen: 3 })];
    expect(encodeSavefile(new PcapWriter(odd), makePackets(1)).readUInt32LE(20)).toBe(1);
  });

  it('takes packets of several interfaces of one linktype', async () => {
    const interfaces = [eth0, makeInterface({ index: 1 })];
    const packets = [...makePackets(2), ...makePackets(2, { interface: interfaces[1]! }), ...makePackets(1)];
    expect(await describeCapture(encodeSavefile(new PcapWriter(interfaces), packets))).toHaveLength(5);
  });

  it('waits for the first packet when no interface is known yet', async () => {
    const late = makeInterface({ linktype: 101 });
    const capture = encodeSavefile(new PcapWriter([]), makePackets(2, { interface: late }));
    expect(capture.readUInt32LE(20)).toBe(101);
    expect(await describeCapture(capture)).toHaveLength(2);
  });

  it('is a savefile even without packets and interfaces', async () => {
    expect(await fileFacts(encodeSavefile(new PcapWriter([]), []))).toMatch(/Number of packets: +0/);
  });

  it('refuses a second linktype and says what to do', () => {
    const interfaces = [eth0, makeInterface({ index: 1, linktype: 113 })];
    const writer = new PcapWriter(interfaces);
    writer.header();
    const cooked = makePacket({ data: countingBytes(60), interface: interfaces[1]! });
    expect(() => writer.preamble(cooked)).toThrow(SavefileError);
    expect(() => writer.preamble(cooked)).toThrow(
      expect.objectContaining({
        code: 'ERR_TAP_MIXED_LINKTYPES',
        message: expect.stringMatching(/linktype=113 after linktype=1.*-w x\.pcapng/),
      }),
    );
  });

  it('writes times until 2106 and refuses later ones', () => {
    const writer = new PcapWriter([eth0]);
    const at = (sec: bigint) => makePacket({ data: countingBytes(1), tsNs: sec * 1_000_000_000n });
    expect(Buffer.from(encodeRecord(writer, at(0xffff_ffffn))).readUInt32LE(0)).toBe(0xffff_ffff);
    expect(() => encodeRecord(writer, at(0x1_0000_0000n))).toThrow(
      expect.objectContaining({ code: 'ERR_TAP_UNWRITABLE', message: expect.stringMatching(/2106.*-w x\.pcapng/) }),
    );
  });
});

describe('the format of a target', () => {
  it.each([
    ['x.pcap', 'nsecpcap'],
    ['X.PCAP', 'nsecpcap'],
    ['x.pcap.gz', 'nsecpcap'],
    ['x.pcapng', 'pcapng'],
    ['x.pcapng.gz', 'pcapng'],
    ['-', 'pcapng'],
    ['pcap', 'pcapng'],
  ])('%s is %s', (target, format) => {
    expect(formatOf(target)).toBe(format);
  });
});

describe('the compression of a target', () => {
  it.each([
    ['x.pcapng', 'none'],
    ['x.pcapng.gz', 'gzip'],
    ['X.GZ', 'gzip'],
    ['-', 'none'],
  ])('%s is %s', (target, compression) => {
    expect(compressionOf(target)).toBe(compression);
  });
});
