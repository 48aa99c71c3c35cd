// `pkttap attach -w` where the disk is slow or full: nothing is lost, or what is lost is counted, and what is on the disk is
// whole. The slow disk is a named pipe that nobody empties; the full one a small tmpfs in a mount namespace of its own.

import { spawnSync } from 'node:child_process';
import { closeSync, constants, createReadStream, mkdirSync, openSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DEMO_PCAP, makeTapFolder, type TapFolder } from '../support/pkttap.js';
import { output } from '../support/run.js';
import { describeCapture, type PacketDescription } from '../support/tshark.js';
import { udpSavefile } from '../support/udp-savefile.js';

/** 6 MB: more than a ring of 1 MiB, the sink's buffer and a pipe hold together. */
const PACKETS = 6000;
const PAYLOAD = 950;

interface SlowWrite {
  readonly missed: number;
  readonly torn: number;
  readonly written: number;
  readonly frames: readonly PacketDescription[];
  /** The comment of the interface's statistics. */
  readonly comment: string | undefined;
}

/** Replays through a ring of 1 MiB into a pipe of which nothing is read until `isTime` resolves. */
async function writeSlowly(
  onSlow: string,
  isTime: (replayEnded: Promise<unknown>) => Promise<unknown>,
): Promise<SlowWrite> {
  const folder = makeTapFolder();
  const { path } = udpSavefile(PACKETS, { payload: PAYLOAD });
  await output('mkfifo', [folder.file('fifo')]);
  const reader = openSync(folder.file('fifo'), constants.O_RDONLY | constants.O_NONBLOCK);
  const options = ['--tap', 'slow', '--ring-size', '1M', '--wait-for', '1', '--on-slow', onSlow];
  const replay = folder.start(['replay', '-t', ...options, path]);
  const attach = folder.start(['attach', 'slow', '--wait', '-w', folder.file('fifo')]);
  await isTime(replay.ended);
  const chunks: Buffer[] = [];
  const reopened = createReadStream('', { fd: openSync(folder.file('fifo'), 'r'), highWaterMark: 4096 });
  closeSync(reader);
  for await (const chunk of reopened) {
    chunks.push(chunk as Buffer);
    await setImmediate();
  }
  const { status, stderr } = await attach.ended;
  expect(status).toBe(0);
  return {
    missed: countIn(stderr, /(\d+) missed/),
    torn: countIn(stderr, /(\d+) overwritten while/),
    written: countIn(stderr, /(\d+) packets? written/),
    frames: await describeCapture(Buffer.concat(chunks)),
    comment: /\d+ packets? missed: .*read/.exec(Buffer.concat(chunks).toString('latin1'))?.[0],
  };
}

/** The number in the pattern's group; 0 where nothing matches. */
function countIn(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

function dropsIn(frames: readonly PacketDescription[]): number {
  return frames.reduce((sum, { dropCount }) => sum + Number(dropCount), 0);
}

describe('attach -w to a slow disk', () => {
  it('holds up a lossless tap, and loses nothing', async () => {
    const { missed, torn, written, frames } = await writeSlowly('wait', async () => {});
    expect({ missed, torn, written, frames: frames.length }).toEqual({
      missed: 0,
      torn: 0,
      written: PACKETS,
      frames: PACKETS,
    });
  });

  it('does not hold up a lossy tap, and says in the file where packets are missing and how many', async () => {
    const { missed, torn, written, frames, comment } = await writeSlowly('drop', (replayEnded) => replayEnded);
    expect(missed + torn).toBeGreaterThan(0);
    expect(frames.length).toBe(written);
    expect(written + missed + torn).toBe(PACKETS);
    expect(dropsIn(frames)).toBe(missed + torn);
    expect(comment).toBe(`${missed} packets missed: the tap overwrote them before they were read`);
  });
});

describe('attach -w to a named pipe', () => {
  it('stops waiting for a reader when it is told to stop, as if it had never begun', async () => {
    const folder = makeTapFolder();
    await output('mkfifo', [folder.file('fifo')]);
    folder.start(['replay', '--tap', 'idle', '--wait-for', '2', DEMO_PCAP]);
    const attach = folder.start(['attach', 'idle', '--wait', '-w', folder.file('fifo')]);
    await folder.untilStats('idle', ({ consumers }) => consumers.length === 1);
    attach.signal('SIGINT');
    expect(await attach.ended).toMatchObject({ status: 0, stderr: '' });
  });
});

/** Whether this process may have a file system of its own for a child. */
const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
if (!canMount) console.warn('SKIPPED: tests on a full disk: needs root, or a user who may mount a tmpfs');

interface SmallDisk {
  readonly size?: string;
  readonly packets?: number;
}

/** Replays to `attach` that writes on a disk of 200 KiB; afterwards the disk's files are in the folder `kept`. */
async function writeToSmallDisk(
  folder: TapFolder,
  name: string,
  options: string,
  { size = '200k', packets = 1000 }: SmallDisk = {},
): Promise<{ status: number; text: string }> {
  const { path } = udpSavefile(packets, { payload: PAYLOAD });
  const replay = folder.start(['replay', '-t', '--tap', 'full', '--wait-for', '1', path]);
  for (const directory of ['disk', 'kept']) mkdirSync(folder.file(directory));
  const attach = `pkttap attach full --wait -w disk/${name} ${options}`;
  const script = `mount -t tmpfs -o size=${size} none disk && { ${attach}; status=$?; cp disk/* kept; exit $status; }`;
  const { status, stderr } = await folder.spawn('unshare', ['-m', 'bash', '-c', script]).ended;
  await replay.ended;
  return { status: status!, text: stderr };
}

/** The packets of all the files, each of which must be whole: capinfos fails at one that isn't. */
async function packetsIn(paths: readonly string[]): Promise<number> {
  const rows = (await output('capinfos', ['-T', '-r', '-m', '-c', ...paths])).toString().trimEnd().split('\n');
  return rows.reduce((sum, row) => sum + Number(row.split(',').at(-1)), 0);
}

describe.skipIf(!canMount)('attach -w to a disk that gets full', () => {
  it.each([
    ['x.pcapng', ''],
    ['x.pcap', ''],
    ['x.pcapng.gz', ''],
    ['x.pcapng', '-b packets:20'],
    ['x.pcap', '-b packets:2'],
    ['x.pcapng.gz', '-b packets:900'],
    ['x.pcapng.zst', ''],
  ])('ends with whole packets in whole files, counts the others and fails: %s %s', async (name, options) => {
    const folder = makeTapFolder();
    const { status, text } = await writeToSmallDisk(folder, name, options, {
      // They compress well: 1000 of them would fit.
      packets: /[.](gz|zst)$/.test(name) ? 40_000 : 1000,
      ...(name.endsWith('.zst') && { size: '16k' }),
    });
    expect(status).toBe(1);
    expect(text).toMatch(/cannot write savefile: .*errno=ENOSPC, \d+ packets not written; the disk is full/);
    const files = readdirSync(folder.file('kept')).sort();
    const written = countIn(text, /(\d+) packets? written/);
    expect(written).toBeGreaterThan(0);
    expect(await packetsIn(files.map((file) => folder.file(`kept/${file}`)))).toBe(written);
    expect(written + countIn(text, /(\d+) packets? not written/)).toBe(countIn(text, /(\d+) packets? received/));
    const program = { gz: 'gzip', zst: 'zstd' }[name.split('.').at(-1)!];
    if (program !== undefined) await output(program, ['-t', ...files.map((file) => folder.file(`kept/${file}`))]);
  });

  it('tells of packets that it held back to compress them, and of those it could write', async () => {
    const folder = makeTapFolder();
    const { status, text } = await writeToSmallDisk(folder, 'x.pcapng.gz', '', { size: '4k', packets: 250 });
    expect(status).toBe(1);
    expect(text).toMatch(
      /errno=ENOSPC, 250 packets not written; .*\n250 packets received, 0 missed\n0 packets written\n$/,
    );
    expect(await packetsIn([folder.file('kept/x.pcapng.gz')])).toBe(0);
  });

  it('goes on for ever where the newest files fit', async () => {
    const folder = makeTapFolder();
    const { status, text } = await writeToSmallDisk(folder, 'x.pcapng', '-b packets:20 -b files:5');
    expect({ status, text }).toMatchObject({
      status: 0,
      text: expect.stringContaining('1000 packets written to 51 files'),
    });
    expect(readdirSync(folder.file('kept'))).toHaveLength(5);
  });
});
