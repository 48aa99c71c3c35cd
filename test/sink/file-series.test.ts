// A series of savefiles: no packet is lost or written twice between two of them, each is whole, and only what is asked for
// stays on the disk.

import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileSeries, type FileSeriesOptions } from '../../src/sink/file-series.js';
import { countingBytes, makeInterface, makePackets } from '../support/packets.js';
import { describeCapture, type PacketDescription } from '../support/tshark.js';
import { until } from '../support/until.js';

const directory = mkdtempSync(join(tmpdir(), 'pkttap-series-'));
afterAll(() => rmSync(directory, { recursive: true }));

const interfaces = [makeInterface({ name: 'eth0' })];

/** A series in a directory of its own. */
async function openSeries(name: string, options: Partial<FileSeriesOptions>, extension = 'pcap'): Promise<FileSeries> {
  mkdirSync(join(directory, name));
  return FileSeries.open({ target: join(directory, name, `x.${extension}`), interfaces, limits: {}, ...options });
}

/** The files of a series in order. */
function filesOf(name: string): string[] {
  return readdirSync(join(directory, name))
    .sort()
    .map((file) => join(directory, name, file));
}

function describeAll(name: string): Promise<PacketDescription[][]> {
  return Promise.all(filesOf(name).map((file) => describeCapture(file)));
}

/** Descriptors of this process that are open on the series' files. */
function openFiles(name: string): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The descriptor that listed the directory.
      return '';
    }
  });
  return targets.filter((target) => target.startsWith(join(directory, name))).length;
}

describe('a series of savefiles', () => {
  it('goes on in another file right after the packet that filled one, in the middle of a batch as well', async () => {
    const series = await openSeries('packets', { limits: { packets: 10 }, rotation: {} });
    expect(await series.write(makePackets(25))).toBe('written');
    expect(series.files).toBe(3);
    expect(await series.write(makePackets(5))).toBe('written');
    expect(await series.write(makePackets(1))).toBe('written');
    expect(await series.close()).toBe('written');
    const frames = await describeAll('packets');
    expect(frames.map((each) => each.length)).toEqual([10, 10, 10, 1]);
    const sent = [...makePackets(25), ...makePackets(5), ...makePackets(1)];
    expect(frames.flat().map(({ caplen }) => caplen)).toEqual(sent.map(({ caplen }) => caplen));
    expect({ written: series.written, unwritten: series.unwritten, path: series.path }).toEqual({
      written: 31,
      unwritten: 0,
      path: filesOf('packets').at(-1),
    });
  });

  it('ends a file with the packet that reaches its size', async () => {
    const series = await openSeries('bytes', { limits: { bytes: 1000 }, rotation: {} });
    await series.write(makePackets(20, { data: countingBytes(84) }));
    await series.close();
    // 24 bytes of header; 9 records of 100 bytes are 924 in all, 10 are 1024.
    expect(filesOf('bytes').map((file) => statSync(file).size)).toEqual([1024, 1024, 24]);
  });

  it('begins no other file before there is a packet, however small the limit', async () => {
    const series = await openSeries('tiny', { limits: { bytes: 1 }, rotation: {} }, 'pcapng');
    await series.write([]);
    expect(series.files).toBe(1);
    await series.write(makePackets(2));
    await series.close();
    expect((await describeAll('tiny')).map((frames) => frames.length)).toEqual([1, 1, 0]);
  });

  it('keeps the newest files and removes the older ones', async () => {
    const series = await openSeries('keep', { limits: { packets: 3 }, rotation: { keep: 2 } });
    for (let i = 0; i < 4; i++) {
      await series.write(makePackets(3));
      expect(filesOf('keep').length).toBeLessThanOrEqual(2);
    }
    await series.close();
    expect(filesOf('keep').map((file) => /_(\d+)_/.exec(file)![1])).toEqual(['00004', '00005']);
    expect(series.written).toBe(12);
  });

  it('removes only files of its own, and minds nothing that somebody else has removed', async () => {
    const series = await openSeries('mine', { limits: { packets: 1 }, rotation: { keep: 1 } });
    writeFileSync(join(directory, 'mine', 'x_00000_20200101000000.pcap'), 'not ours');
    rmSync(series.path);
    await series.write(makePackets(2));
    await series.close();
    expect(filesOf('mine').map((file) => /_(\d+)_/.exec(file)![1])).toEqual(['00000', '00003']);
  });

  it('ends with the last file asked for, and leaves the rest of the batch alone', async () => {
    const series = await openSeries('files', { limits: { packets: 4 }, rotation: { files: 2 } });
    expect(await series.write(makePackets(4))).toBe('written');
    expect(await series.write(makePackets(9))).toBe('full');
    expect(await series.write(makePackets(9))).toBe('full');
    await series.close();
    expect((await describeAll('files')).map((frames) => frames.length)).toEqual([4, 4]);
    expect({ written: series.written, unwritten: series.unwritten }).toEqual({ written: 8, unwritten: 0 });
  });

  it('is one file with the name it was given if no other shall follow', async () => {
    const series = await openSeries('single', { limits: { packets: 4 } });
    expect(await series.write(makePackets(9))).toBe('full');
    await series.close();
    expect(filesOf('single')).toEqual([join(directory, 'single', 'x.pcap')]);
    expect(series.written).toBe(4);
  });

  it('begins another file when its time is up, with or without packets', async () => {
    const series = await openSeries('seconds', { limits: { seconds: 0.01 }, rotation: {} });
    await until(() => performance.now() >= series.dueMs);
    await series.write([]);
    expect(series.files).toBe(2);
    await until(() => performance.now() >= series.dueMs);
    await series.write(makePackets(1));
    expect(series.files).toBe(3);
    await series.close();
    const frames = await describeAll('seconds');
    expect(frames.slice(0, 3).map((each) => each.length)).toEqual([0, 0, 1]);
  });

  it('describes all interfaces in each file, with the same ids', async () => {
    const other = makeInterface({ index: 1, linktype: 113, name: 'any' });
    const options = { limits: { packets: 2 }, rotation: {}, interfaces: [...interfaces, other] };
    const series = await openSeries('interfaces', options, 'pcapng');
    await series.write([...makePackets(3), ...makePackets(2, { interface: other })]);
    await series.close();
    const names = (await describeAll('interfaces')).map((frames) => frames.map((frame) => frame.interfaceName));
    expect(names).toEqual([['eth0', 'eth0'], ['eth0', 'any'], ['any']]);
  });

  it('says in the next file what was missed after the last packet of one', async () => {
    const series = await openSeries('missed', { limits: { packets: 2 }, rotation: { files: 9 } }, 'pcapng');
    await series.write(makePackets(1));
    series.missed(7);
    await series.write(makePackets(1));
    series.missed(5);
    await series.write([]);
    await series.write(makePackets(2));
    await series.close();
    const drops = (await describeAll('missed')).map((frames) => frames.map((frame) => frame.dropCount));
    expect(drops).toEqual([['', '7'], ['5', ''], []]);
  });

  it('compresses each file by itself', async () => {
    const series = await openSeries('gzip', { limits: { packets: 100 }, rotation: {} }, 'pcapng.gz');
    await series.write(makePackets(250));
    await series.close();
    expect((await describeAll('gzip')).map((frames) => frames.length)).toEqual([100, 100, 50]);
  });

  it('limits a compressed file by what is on the disk', async () => {
    const series = await openSeries('gzip-bytes', { limits: { bytes: 4000 }, rotation: {} }, 'pcap.gz');
    for (let i = 0; i < 10; i++) await series.write(makePackets(300, { data: countingBytes(1000) }));
    await series.close();
    const sizes = filesOf('gzip-bytes').map((file) => statSync(file).size);
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.slice(0, -1).every((size) => size >= 4000)).toBe(true);
    expect((await describeAll('gzip-bytes')).flat()).toHaveLength(3000);
  });

  it('has one file open, and none after its end, over a hundred of them', async () => {
    const series = await openSeries('descriptors', { limits: { packets: 1 }, rotation: { keep: 3 } });
    for (let i = 0; i < 120; i++) {
      await series.write(makePackets(1));
      expect(openFiles('descriptors')).toBe(1);
    }
    await series.close();
    expect(series.files).toBe(121);
    expect(openFiles('descriptors')).toBe(0);
  });

  it('tells when the next file cannot be begun, and counts every packet that has no file', async () => {
    const series = await openSeries('gone', { limits: { packets: 2 }, rotation: {} });
    rmSync(join(directory, 'gone'), { recursive: true });
    await expect(series.write(makePackets(7))).rejects.toMatchObject({
      code: 'ERR_TAP_UNWRITABLE',
      errno: 'ENOENT',
      message: expect.stringMatching(/5 packets not written; no such directory/),
    });
    await expect(series.write(makePackets(3))).rejects.toMatchObject({ message: expect.stringContaining('8 packets') });
    expect({ written: series.written, unwritten: series.unwritten }).toEqual({ written: 2, unwritten: 8 });
    expect(await series.close()).toBe('written');
    expect(openFiles('gone')).toBe(0);
  });

  it('refuses a second linktype in a series of pcap files, too', async () => {
    const mixed = [interfaces[0]!, makeInterface({ index: 1, linktype: 113 })];
    const series = await openSeries('mixed', { limits: { packets: 2 }, rotation: {}, interfaces: mixed });
    const batch = [...makePackets(3), ...makePackets(2, { interface: mixed[1]! })];
    await expect(series.write(batch)).rejects.toMatchObject({ code: 'ERR_TAP_MIXED_LINKTYPES' });
    await series.close();
    expect({ written: series.written, unwritten: series.unwritten }).toEqual({ written: 3, unwritten: 2 });
    expect((await describeAll('mixed')).map((frames) => frames.length)).toEqual([2, 1]);
  });

  it.each([
    ['bytes', { limits: { bytes: 0 } }],
    ['packets', { limits: { packets: 1.5 } }],
    ['seconds', { limits: { seconds: 0 } }],
    ['keep', { limits: {}, rotation: { keep: 0 } }],
    ['files', { limits: {}, rotation: { files: -1 } }],
  ])('refuses a limit that no series can have: %s', async (name, options) => {
    const target = join(directory, 'never.pcap');
    await expect(FileSeries.open({ target, interfaces, ...options })).rejects.toThrow(RangeError);
    await expect(FileSeries.open({ target, interfaces, ...options })).rejects.toThrow(name);
  });

  it('refuses to number a stream', async () => {
    await expect(FileSeries.open({ target: '-', fd: 1, interfaces, limits: {}, rotation: {} })).rejects.toThrow(
      TypeError,
    );
  });
});
