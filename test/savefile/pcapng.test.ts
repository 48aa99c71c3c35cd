// What the pcapng writer writes, as Wireshark's tools and tcpdump read it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InterfaceInfo } from '../../src/packet/interface.js';
import { makePacket, type PacketView } from '../../src/packet/packet-view.js';
import { MAX_CAPLEN, RecordFlag } from '../../src/packet/record.js';
import { PcapngWriter } from '../../src/savefile/pcapng/writer.js';
import { epochText } from '../support/classic-pcap.js';
import { recordsByTcpdump } from '../support/corpus-groups.js';
import { encodeSavefile } from '../support/encode-savefile.js';
import { countingBytes, makeInterface, makePackets } from '../support/packets.js';
import { output, outputThroughPipe } from '../support/run.js';
import { describeCapture } from '../support/tshark.js';

const eth0 = makeInterface({ index: 0, name: 'eth0' });
const raw1 = makeInterface({ index: 1, linktype: 101, name: 'raw1' });
const idle2 = makeInterface({ index: 2, section: 1, name: 'idle2' });
const sll3 = makeInterface({ index: 3, section: 1, linktype: 113, name: 'sll3' });

function encode(interfaces: readonly InterfaceInfo[], packets: readonly PacketView[]): Buffer {
  return encodeSavefile(new PcapngWriter(interfaces), packets);
}

function packetFrom(from: InterfaceInfo, seed = 0): PacketView {
  return makePacket({ data: countingBytes(60, seed), interface: from });
}

/**
 * `section:id encapsulation` of each packet. Not the interface's name: tshark 4.0 looks names up by the id alone, in
 * whichever section it is.
 */
async function interfacesIn(capture: Buffer): Promise<string[]> {
  const frames = await describeCapture(capture);
  return frames.map(({ section, interfaceId, encap }) => `${section}:${interfaceId} ${ENCAPSULATIONS[encap!]}`);
}

/** Wireshark's numbers. */
const ENCAPSULATIONS: Readonly<Record<number, string>> = { 1: 'eth', 7: 'raw', 25: 'sll' };

/** Every block of the file, as Wireshark's dissector of the format itself shows it. */
async function blocksOf(capture: Buffer): Promise<string> {
  const args = ['-r', '-', '-X', 'read_format:MIME Files Format', '-V'];
  return (await outputThroughPipe('tshark', args, { input: capture })).toString();
}

describe('a pcapng savefile', () => {
  it('holds packets of any length and time as they were', async () => {
    const packet = fc.record({
      data: fc.uint8Array({ maxLength: 300 }),
      origlen: fc.integer({ min: 0, max: 0xffff_ffff }),
      tsNs: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    });
    const captures = fc.array(packet, { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(captures, async (fields) => {
        const packets = fields.map((each) => makePacket({ ...each, interface: eth0 }));
        const frames = await describeCapture(encode([eth0], packets));
        const seen = frames.map(({ time, caplen, origlen }) => ({ time, caplen, origlen }));
        const sent = fields.map(({ data, origlen, tsNs }) => ({
          time: epochText(tsNs),
          caplen: data.length,
          // Wireshark keeps an origlen in 31 bits.
          origlen: Math.min(origlen, 0x7fff_ffff),
        }));
        expect(seen).toEqual(sent);
      }),
      { seed: 2, numRuns: 6 },
    );
  });

  it('holds the comments of packets, in order, beside what else is known of them', async () => {
    const comments = [['first', 'second: ä'], [], ['']];
    const packets = comments.map((each, i) =>
      makePacket({ data: countingBytes(61 + i), interface: eth0, comments: each, flags: RecordFlag.inbound }),
    );
    const frames = await describeCapture(encode([eth0], packets));
    expect(frames.map((frame) => frame.comments)).toEqual(['first,second: ä', '', '']);
    expect(frames.map(({ caplen }) => caplen)).toEqual([61, 62, 63]);
  });

  it('gives tcpdump the same bytes, lengths and nanoseconds', async () => {
    const packets = makePackets(500);
    const records = packets.map((packet) => {
      const header = Buffer.alloc(16);
      header.writeUInt32LE(packet.tsSec, 0);
      header.writeUInt32LE(packet.tsNsec, 4);
      header.writeUInt32LE(packet.caplen, 8);
      header.writeUInt32LE(packet.origlen, 12);
      return Buffer.concat([header, packet.data]);
    });
    expect(await recordsByTcpdump(encode([eth0], packets))).toEqual(Buffer.concat(records));
  });

  it('holds the largest packet, an empty one, and one with more bytes than it had', async () => {
    const packets = [
      makePacket({ data: countingBytes(MAX_CAPLEN), interface: eth0 }),
      makePacket({ data: new Uint8Array(0), origlen: 1500, interface: eth0 }),
      makePacket({ data: countingBytes(64), origlen: 34, interface: eth0 }),
    ];
    const frames = await describeCapture(encode([eth0], packets));
    expect(frames.map(({ caplen, origlen }) => [caplen, origlen])).toEqual([
      [MAX_CAPLEN, MAX_CAPLEN],
      [0, 1500],
      [64, 34],
    ]);
  });

  it('is read whole by capinfos and editcap', async () => {
    const capture = encode([eth0], makePackets(100));
    const counted = await outputThroughPipe('capinfos', ['-c', '-M', '-'], { input: capture });
    expect(counted.toString()).toMatch(/Number of packets: +100\b/);
    const converted = await outputThroughPipe('editcap', ['-F', 'nsecpcap', '-', '-'], { input: capture });
    expect(converted.subarray(24)).toEqual(await recordsByTcpdump(capture));
  });

  it('gives packets the interface ids of their source, section by section, idle interfaces included', async () => {
    const packets = [packetFrom(raw1), packetFrom(eth0), packetFrom(sll3)];
    expect(await interfacesIn(encode([eth0, raw1, idle2, sll3], packets))).toEqual(['1:1 raw', '1:0 eth', '2:1 sll']);
  });

  it('describes interfaces that appear while it is written', async () => {
    const interfaces = [eth0];
    function* appearing() {
      yield packetFrom(eth0);
      interfaces.push(raw1, idle2, sll3);
      yield packetFrom(raw1);
      yield packetFrom(sll3);
      yield packetFrom(sll3);
    }
    const capture = encodeSavefile(new PcapngWriter(interfaces), appearing());
    expect(await interfacesIn(capture)).toEqual(['1:0 eth', '1:1 raw', '2:1 sll', '2:1 sll']);
  });

  it('begins the first section again when a replay does', async () => {
    const packets = [packetFrom(raw1), packetFrom(sll3), packetFrom(raw1), packetFrom(idle2)];
    const seen = await interfacesIn(encode([eth0, raw1, idle2, sll3], packets));
    expect(seen).toEqual(['1:1 raw', '2:1 sll', '3:1 raw', '4:0 eth']);
  });

  it('names the interface of each packet', async () => {
    const frames = await describeCapture(encode([eth0, raw1], [packetFrom(raw1), packetFrom(eth0)]));
    expect(frames.map(({ interfaceName }) => interfaceName)).toEqual(['raw1', 'eth0']);
  });

  it('describes all interfaces of a tap that had no packets', async () => {
    const text = await blocksOf(encode([eth0, raw1, idle2], []));
    expect(text.match(/Block: Section Header/g)).toHaveLength(2);
    expect(text.match(/Block: Interface Description/g)).toHaveLength(3);
  });

  it('says what is known of an interface', async () => {
    const known = {
      fcslen: 4,
      name: 'eth0',
      description: 'uplink',
      filter: 'tcp port 443',
      os: 'Linux 6.1',
      snaplen: 96,
    };
    const text = (await outputThroughPipe('capinfos', ['-'], { input: encode([makeInterface(known)], []) })).toString();
    for (const line of [
      'Name = eth0',
      'Description = uplink',
      'Filter string = tcp port 443',
      'Operating system = Linux 6.1',
      'Capture length = 96',
      'Time precision = nanoseconds (9)',
    ])
      expect(text).toContain(line);
    expect(await blocksOf(encode([makeInterface(known)], []))).toMatch(/FCS Length: 4\b/);
  });

  it('says what made it, where, and what somebody had to say about it', async () => {
    const origin = {
      hardware: 'a computer',
      os: 'Linux 6.1',
      application: 'pkttap 1.2.3',
      comments: ['one', 'zwei: ä'],
    };
    const capture = encodeSavefile(new PcapngWriter([eth0, idle2], origin), makePackets(1));
    const text = (await outputThroughPipe('capinfos', ['-'], { input: capture })).toString();
    expect(text).toMatch(/Capture hardware: +a computer\n/);
    expect(text).toMatch(/Capture oper-sys: +Linux 6\.1\n/);
    expect(text).toMatch(/Capture application: +pkttap 1\.2\.3\n/);
    expect(text).toMatch(/Capture comment: +one\nCapture comment: +zwei: ä\n/);
  });

  it('says how many packets are missing before a packet, once', async () => {
    const writer = new PcapngWriter([eth0]);
    function* withGaps() {
      yield packetFrom(eth0);
      writer.missed = 7;
      yield packetFrom(eth0);
      yield packetFrom(eth0);
      writer.missed = 2 ** 40 + 1;
      yield packetFrom(eth0);
    }
    const frames = await describeCapture(encodeSavefile(writer, withGaps()));
    expect(frames.map(({ dropCount }) => dropCount)).toEqual(['', '7', '', '1099511627777']);
  });

  it('says which way a packet went, where that is known', async () => {
    const flags = [0, RecordFlag.inbound, RecordFlag.outbound];
    const packets = flags.map((each) => makePacket({ data: countingBytes(61), interface: eth0, flags: each }));
    const args = ['-r', '-', '-T', 'fields', '-e', 'frame.packet_flags_direction', '-e', 'frame.cap_len'];
    const seen = await outputThroughPipe('tshark', args, { input: encode([eth0], packets) });
    expect(seen.toString()).toBe('\t61\n0x00000001\t61\n0x00000002\t61\n');
  });

  it('ends with the counts that are known, under the ids of the last section', async () => {
    const counts = { atNs: 1_700_000_000_000_000_001n, received: 2n ** 40n, interfaceDropped: 3, kernelDropped: 5 };
    const writer = new PcapngWriter([eth0, idle2, sll3]);
    const capture = encodeSavefile(
      writer,
      [],
      [
        { interfaceIndex: 0, ...counts },
        { interfaceIndex: 2, ...counts, delivered: 9 },
      ],
    );
    const text = await blocksOf(capture);
    expect(text.match(/Block: Interface Statistics/g)).toHaveLength(1);
    const statistics = text.slice(text.indexOf('Block: Interface Statistics'));
    for (const line of [
      'Interface: 1',
      '1099511627776',
      'Number of Dropped Packets by OS: 5',
      'Number of Delivered to the User Packets: 9',
    ])
      expect(statistics).toContain(line);
    expect(statistics).not.toContain('Accepted by Filter');
  });

  it('refuses a linktype that does not fit its interface block', () => {
    const wide = makeInterface({ linktype: 0x1_0001 });
    expect(() => new PcapngWriter([wide]).header()).toThrow(
      expect.objectContaining({ code: 'ERR_TAP_UNWRITABLE', message: expect.stringContaining('-w x.pcap') }),
    );
  });

  it('is accepted from a file as from a pipe', async () => {
    const accepted = await output('sh', ['-c', 'cat | tcpdump -r - --count 2>/dev/null'], {
      input: encode([eth0], makePackets(3)),
    });
    expect(accepted.toString()).toContain('3 packets');
  });
});
