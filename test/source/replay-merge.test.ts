// Several savefiles as one, by time; a savefile that is still being written; FIFOs. Through the native thread, into a ring.

import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PacketView } from '../../src/packet/packet-view.js';
import type { SourceEnd } from '../../src/source/packet-source.js';
import { type ReplayOptions, ReplaySource } from '../../src/source/replay.js';
import { interfaceDescription, packetBlock, pcapHeader, pcapRecord, sectionHeader } from '../support/craft-savefile.js';
import { PKTTAP } from '../support/pkttap.js';
import { makeTestRing, type TestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

let directory: string;
let ring: TestRing;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pkttap-merge-'));
  ring = makeTestRing({ capacity: 1 << 20 });
});
afterEach(() => {
  ring[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const TOP: ReplayOptions = { pace: { kind: 'topspeed' } };

function file(name: string, ...parts: readonly Uint8Array[]): string {
  const path = join(directory, name);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

/** A record that can be told from others: its second, and the file's letter. */
const record = (seconds: number, letter: string) => pcapRecord({ seconds, fraction: 0, data: Buffer.from(letter) });
const told = (packets: readonly PacketView[]) =>
  packets.map(({ tsSec, data }) => `${Buffer.from(data).toString()}${tsSec}`).join(' ');

/** Starts a replay; its end, as a promise. */
function start(paths: readonly string[], options: ReplayOptions): { source: ReplaySource; end: Promise<SourceEnd> } {
  const source = new ReplaySource(paths, { ...TOP, ...options });
  return { source, end: new Promise((resolve) => source.start(ring.handle, resolve)) };
}

describe('merged savefiles', () => {
  const merged = async (paths: readonly string[], options: ReplayOptions = {}) => {
    const { source, end } = start(paths, { merge: true, ...options });
    return { end: await end, source, packets: ring.read() };
  };

  it('come in the order of their times, of equal ones the earlier file first', async () => {
    const a = file('a', pcapHeader(), record(1, 'a'), record(4, 'a'), record(6, 'a'));
    const b = file('b', pcapHeader(), record(2, 'b'), record(4, 'b'));
    const c = file('c', pcapHeader(), record(4, 'c'), record(5, 'c'), record(9, 'c'));
    const { packets, end } = await merged([a, b, c]);
    expect(end.reason).toBe('finished');
    expect(told(packets)).toBe('a1 b2 a4 b4 c4 c5 a6 c9');
  });

  it('each keep their own order, whatever their times say', async () => {
    const a = file('a', pcapHeader(), record(5, 'a'), record(1, 'a'), record(6, 'a'));
    const b = file('b', pcapHeader(), record(2, 'b'), record(5, 'b'));
    expect(told((await merged([a, b])).packets)).toBe('b2 a5 a1 b5 a6');
  });

  it('may be of any format and compression, and keep their interfaces', async () => {
    const a = file('a', gzipSync(Buffer.concat([pcapHeader({ linktype: 101 }), record(1, 'a'), record(3, 'a')])));
    const b = file(
      'b',
      sectionHeader('big'),
      interfaceDescription('big', { linktype: 113 }),
      packetBlock('big', { ticks: 2_000_000n, data: Buffer.from('b') }),
      packetBlock('big', { ticks: 4_000_000n, data: Buffer.from('b') }),
    );
    const { packets } = await merged([a, b]);
    expect(told(packets)).toBe('a1 b2 a3 b4');
    expect(packets.map(({ linktype }) => linktype)).toEqual([101, 113, 101, 113]);
    expect(packets.map((packet) => packet.interface.section)).toEqual([0, 0, 0, 0]);
  });

  it('come again in each loop, on the same interfaces', async () => {
    const a = file('a', pcapHeader(), record(1, 'a'), record(3, 'a'));
    const b = file('b', pcapHeader(), record(2, 'b'));
    const { packets, source } = await merged([a, b], { loops: 3 });
    expect(told(packets)).toBe(Array(3).fill('a1 b2 a3').join(' '));
    expect(source.result).toMatchObject({ loops: 3, packets: 9 });
    expect(ring.interfaces).toHaveLength(2);
  });

  it('end where the first of them is damaged, with everything before that', async () => {
    const a = file('a', pcapHeader(), record(1, 'a'), record(4, 'a'));
    const b = file('b', pcapHeader(), record(2, 'b'), record(3, 'b').subarray(0, -1));
    const { packets, end } = await merged([a, b]);
    expect(told(packets)).toBe('a1 b2');
    expect(end.error).toMatchObject({ code: 'ERR_TAP_CUT_SAVEFILE', path: b, byteOffset: 41 });
  });

  it('name those of them in which there was no packet', async () => {
    const a = file('a', pcapHeader());
    const b = file('b', pcapHeader(), record(1, 'b'));
    const { source } = await merged([a, b]);
    expect(source.result.withoutPackets).toEqual([a]);
  });

  it('may be a thousand', async () => {
    const names = Array.from({ length: 1000 }, (_, i) =>
      file(`${i}`, pcapHeader(), record(i, 'x'), record(2000 - i, 'x')),
    );
    const { packets, end } = await merged(names.reverse());
    expect(end.reason).toBe('finished');
    const seconds = packets.map(({ tsSec }) => tsSec);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    expect(seconds).toHaveLength(2000);
  });

  it('that are more than may be open at once say so', () => {
    // More than Node has open at once while it starts, and fewer than the files.
    const limit = 200;
    const names = Array.from({ length: limit }, (_, i) => file(`${i}`, pcapHeader(), record(i, 'x')));
    const replay = [PKTTAP, 'replay', '--merge', '-t', ...names];
    const env = { ...process.env, PKTTAP_DIR: directory };
    const { stderr, status } = spawnSync('bash', ['-c', `ulimit -n ${limit}; exec "$@"`, 'bash', 'node', ...replay], {
      env,
    });
    expect(String(stderr)).toMatch(/too many files at once: raise the limit/);
    expect(status).toBe(1);
  });
});

describe('files without a packet', () => {
  it('are named, in the order they were read', async () => {
    const empty = ['a', 'c'].map((name) => file(name, pcapHeader()));
    const full = file('b', pcapHeader(), record(1, 'b'));
    const { source, end } = start([empty[0]!, full, empty[1]!], { loops: 2 });
    await end;
    expect(source.result.withoutPackets).toEqual(empty);
  });
});

describe('a followed savefile', () => {
  /** Waits until the packets are those. */
  const untilTold = async (wanted: string) => {
    const packets: PacketView[] = [];
    await until(() => {
      packets.push(...ring.read());
      return told(packets) === wanted;
    });
  };

  it('goes on when it grows, even in the middle of a record, and ends in good order', async () => {
    const path = file('a', pcapHeader(), record(1, 'a'), record(2, 'a').subarray(0, 5));
    const { source, end } = start([path], { follow: true });
    await untilTold('a1');
    appendFileSync(path, record(2, 'a').subarray(5));
    await untilTold('a2');
    appendFileSync(path, Buffer.concat([record(3, 'a'), record(4, 'a')]));
    await untilTold('a3 a4');
    source.stop();
    expect(await end).toEqual({ reason: 'stopped' });
  });

  it('may begin as nothing at all', async () => {
    const path = file('a');
    const { source, end } = start([path], { follow: true });
    appendFileSync(path, pcapHeader());
    await until(() => ring.interfaces.length === 1);
    appendFileSync(path, record(1, 'a'));
    await untilTold('a1');
    source.stop();
    expect((await end).reason).toBe('stopped');
  });

  it('is the last of several', async () => {
    const first = file('a', pcapHeader(), record(1, 'a'));
    const path = file('b', pcapHeader(), record(2, 'b'));
    const { source, end } = start([first, path], { follow: true });
    await untilTold('a1 b2');
    appendFileSync(path, record(3, 'b'));
    await untilTold('b3');
    source.stop();
    await end;
  });

  it.each([
    ['is truncated', (path: string) => truncateSync(path, 10), /became shorter/],
    ['is deleted', (path: string) => unlinkSync(path), /deleted or replaced/],
    ['is rotated', rotate, /replaced/],
  ])('that %s ends with an error that says so, after all that was in it', async (_, change, words) => {
    const path = file('a', pcapHeader(), record(1, 'a'));
    const { end } = start([path], { follow: true });
    await untilTold('a1');
    change(path);
    const { error } = await end;
    expect(error).toMatchObject({ code: 'ERR_TAP_SAVEFILE_CHANGED', path });
    expect(error!.message).toMatch(words);
  });

  it('is neither merged, nor looped, nor standard input', () => {
    expect(() => new ReplaySource(['a'], { follow: true, merge: true })).toThrow(RangeError);
    expect(() => new ReplaySource(['a'], { follow: true, loops: 2 })).toThrow(RangeError);
    expect(() => new ReplaySource(['-'], { follow: true })).toThrow(RangeError);
  });
});

function rotate(path: string): void {
  renameSync(path, `${path}.1`);
  writeFileSync(path, pcapHeader());
}

describe('a FIFO', () => {
  const fifo = () => {
    const path = join(directory, 'fifo');
    execFileSync('mkfifo', [path]);
    return path;
  };

  it('nobody writes to can be stopped', async () => {
    const { source, end } = start([fifo()], {});
    source.stop();
    expect((await end).reason).toBe('stopped');
  });

  it.each([
    ['plain', (bytes: Buffer) => bytes],
    ['compressed', gzipSync],
  ])('is read to the end as it is written, byte by byte (%s)', async (_, pack) => {
    const path = fifo();
    const { end } = start([path], {});
    const writer = await open(path, 'w');
    for (const byte of pack(Buffer.concat([pcapHeader(), record(1, 'a'), record(2, 'a')])))
      await writer.write(Buffer.of(byte));
    await writer.close();
    expect(await end).toEqual({ reason: 'finished' });
    expect(told(ring.read())).toBe('a1 a2');
  });

  it('that is full of unread data can be stopped, too', async () => {
    const path = fifo();
    const { source, end } = start([path], { pace: { kind: 'pps', rate: 0.001 } });
    const writer = await open(path, 'w');
    await writer.write(Buffer.concat([pcapHeader(), record(1, 'a'), record(2, 'a'), record(3, 'a')]));
    await until(() => ring.read().length === 1);
    source.stop();
    expect((await end).reason).toBe('stopped');
    await writer.close();
  });
});
