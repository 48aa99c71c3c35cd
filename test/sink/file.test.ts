// A file sink on real files, pipes and limits: what arrives is whole, and what doesn't is counted and explained.

import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makePacket, memoryOf, PacketView } from '../../src/packet/packet-view.js';
import { recordBytes } from '../../src/packet/record.js';
import { FileSink } from '../../src/sink/file.js';
import { countingBytes, makeInterface, makePackets } from '../support/packets.js';
import { output } from '../support/run.js';
import { describeCapture } from '../support/tshark.js';

const directory = mkdtempSync(join(tmpdir(), 'pkttap-sink-'));
afterAll(() => rmSync(directory, { recursive: true }));

const eth0 = makeInterface({ name: 'eth0' });
const interfaces = [eth0];

function path(name: string): string {
  return join(directory, name);
}

describe('a file sink', () => {
  it('has written every packet of a batch when the batch is done', async () => {
    const sink = await FileSink.open({ target: path('batches.pcapng'), interfaces });
    expect(await sink.write(makePackets(10))).toBe('written');
    expect(await describeCapture(path('batches.pcapng'))).toHaveLength(10);
    await sink.write(makePackets(5));
    expect(await describeCapture(path('batches.pcapng'))).toHaveLength(15);
    expect(await sink.close()).toBe('written');
    expect({ written: sink.written, unwritten: sink.unwritten }).toEqual({ written: 15, unwritten: 0 });
  });

  it('has written what a savefile begins with as soon as it is open', async () => {
    const sink = await FileSink.open({ target: path('empty.pcap'), interfaces });
    expect(await describeCapture(path('empty.pcap'))).toEqual([]);
    await sink.close();
  });

  it('writes batches larger than its buffer, and packets larger than any', async () => {
    const huge = makePacket({ data: countingBytes(3 << 20), interface: eth0 });
    const large = makePackets(20, { data: countingBytes(200_000) });
    const sink = await FileSink.open({ target: path('large.pcap'), interfaces });
    await sink.write([...large, huge, ...large]);
    await sink.close();
    expect(sink.written).toBe(41);
    expect(statSync(path('large.pcap')).size).toBe(24 + 41 * 16 + 40 * 200_000 + (3 << 20));
    expect(readFileSync(path('large.pcap')).subarray(-200_000)).toEqual(Buffer.from(countingBytes(200_000)));
  });

  it.each([
    ['x.pcap', {}, 'nanosecond'],
    ['y.pcap', { format: 'pcap' }, 'Wireshark/tcpdump/... - pcap'],
    ['x.pcapng', {}, 'pcapng'],
    ['x.cap', {}, 'pcapng'],
    ['z.pcap', { format: 'pcapng' }, 'pcapng'],
    ['z.pcapng', { format: 'nsecpcap' }, 'nanosecond'],
  ] as const)('writes %s with %o in the expected format', async (name, options, expected) => {
    const sink = await FileSink.open({ target: path(name), interfaces, ...options });
    await sink.write(makePackets(1));
    await sink.close();
    expect((await output('capinfos', ['-t', path(name)])).toString()).toContain(expected);
  });

  it('adds to what a given descriptor has before it, and leaves it open', async () => {
    writeFileSync(path('before'), 'text');
    const fd = openSync(path('before'), 'a');
    const sink = await FileSink.open({ target: '-', fd, interfaces });
    await sink.write(makePackets(2));
    await sink.close();
    writeFileSync(fd, 'after');
    const bytes = readFileSync(path('before'));
    expect(bytes.subarray(0, 4).toString()).toBe('text');
    expect(bytes.subarray(-5).toString()).toBe('after');
    expect(await describeCapture(bytes.subarray(4, -5))).toHaveLength(2);
  });

  it('tells packets that were missed to the file', async () => {
    const sink = await FileSink.open({ target: path('missed.pcapng'), interfaces });
    sink.missed(2);
    sink.missed(3);
    await sink.write(makePackets(2));
    await sink.close();
    const frames = await describeCapture(path('missed.pcapng'));
    expect(frames.map(({ dropCount }) => dropCount)).toEqual(['5', '']);
  });

  it('describes interfaces that appear between and inside batches', async () => {
    const growing = [eth0];
    const other = makeInterface({ index: 1, linktype: 101, name: 'tun0' });
    const sink = await FileSink.open({ target: path('growing.pcapng'), interfaces: growing });
    await sink.write(makePackets(2));
    growing.push(other);
    await sink.write([...makePackets(1), ...makePackets(1, { interface: other }), ...makePackets(1)]);
    await sink.close();
    const frames = await describeCapture(path('growing.pcapng'));
    expect(frames.map(({ interfaceName }) => interfaceName)).toEqual(['eth0', 'eth0', 'eth0', 'tun0', 'eth0']);
  });

  it('leaves out a packet that was overwritten while it was copied, and says in the file that it is missing', async () => {
    const sink = await FileSink.open({ target: path('torn.pcapng'), interfaces });
    // The second names an interface that isn't there, as a record does that another one was written over.
    await sink.write([...makePackets(1), tornPacket(), tornPacket(), ...makePackets(1)]);
    await sink.close();
    const frames = await describeCapture(path('torn.pcapng'));
    expect(frames.map(({ dropCount }) => dropCount)).toEqual(['', '2']);
    expect({ torn: sink.torn, written: sink.written, unwritten: sink.unwritten }).toEqual({
      torn: 2,
      written: 2,
      unwritten: 0,
    });
  });

  it('refuses a second linktype in a pcap, and keeps what came before', async () => {
    const mixed = [eth0, makeInterface({ index: 1, linktype: 113 })];
    const sink = await FileSink.open({ target: path('mixed.pcap'), interfaces: mixed });
    const batch = [...makePackets(3), ...makePackets(1, { interface: mixed[1]! }), ...makePackets(1)];
    const refused = expect.objectContaining({ code: 'ERR_TAP_MIXED_LINKTYPES' });
    await expect(sink.write(batch)).rejects.toEqual(refused);
    await expect(sink.write(makePackets(4))).rejects.toEqual(refused);
    expect(await sink.close()).toBe('written');
    expect({ written: sink.written, unwritten: sink.unwritten }).toEqual({ written: 3, unwritten: 6 });
    expect(await describeCapture(path('mixed.pcap'))).toHaveLength(3);
  });

  it.each([
    ['/dev/full', 'ENOSPC', 'the disk is full'],
    ['/nowhere/at/all.pcapng', 'ENOENT', 'create it first'],
    [directory, 'EISDIR', 'name a file in it'],
  ])('cannot write %s, and says why and what to do', async (target, errno, remedy) => {
    await expect(FileSink.open({ target, interfaces })).rejects.toMatchObject({
      code: 'ERR_TAP_UNWRITABLE',
      path: target,
      errno,
      message: expect.stringMatching(new RegExp(`path=${target} errno=${errno}.*${remedy}`)),
    });
  });

  it('refuses to write after it was closed', async () => {
    const sink = await FileSink.open({ target: path('closed.pcapng'), interfaces });
    await sink.close();
    await expect(sink.write(makePackets(1))).rejects.toMatchObject({ code: 'ERR_TAP_CLOSED' });
    expect(await sink.close()).toBe('written');
  });

  it("refuses the target '-' without a descriptor", async () => {
    await expect(FileSink.open({ target: '-', interfaces })).rejects.toThrow(TypeError);
  });
});

/** A packet whose record the tap overwrites at the very moment. */
function tornPacket(): PacketView {
  const memory = memoryOf(new ArrayBuffer(recordBytes(60)), interfaces);
  const packet = new PacketView({ ...memory, isIntact: () => false });
  packet.moveTo(0, 60, 0);
  return packet;
}
