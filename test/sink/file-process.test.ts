// A file sink in a process of its own: standard output as every kind of thing, limits, and readers that leave.
// The program is test/programs/write-savefile.js, which uses the compiled project.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { FileSink } from '../../src/sink/file.js';
import { makeInterface, makePackets } from '../support/packets.js';
import { output, run } from '../support/run.js';
import { describeCapture } from '../support/tshark.js';

const PROGRAM = fileURLToPath(new URL('../programs/write-savefile.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'pkttap-sink-process-'));
afterAll(() => rmSync(directory, { recursive: true }));

const interfaces = [makeInterface()];

interface Report {
  outcome?: string;
  closed?: string;
  written?: number;
  unwritten?: number;
  nonBlocking?: boolean;
  error?: { code: string; errno: string; path: string; message: string };
}

function path(name: string): string {
  return join(directory, name);
}

/** Runs a shell line, in which `$WRITE` is the program, and gives the program's report and the line's output. */
async function shell(line: string): Promise<{ report: Report; text: string }> {
  const env = { WRITE: `${process.execPath} ${PROGRAM}`, DIR: directory };
  const { stdout, stderr } = await run('sh', ['-c', line], { env });
  return { report: JSON.parse(stderr.trim().split('\n').at(-1)!) as Report, text: stdout.toString() };
}

async function makeFifo(name: string): Promise<string> {
  await output('mkfifo', [path(name)]);
  return path(name);
}

describe('a file sink on standard output', () => {
  it('gives a pipe every packet, and leaves it as blocking as it was', async () => {
    const { report, text } = await shell('$WRITE - 20000 1000 | cat | capinfos -c -M -');
    expect(text).toMatch(/Number of packets: +20000\b/);
    expect(report).toEqual({ outcome: 'written', closed: 'written', written: 20000, unwritten: 0, nonBlocking: false });
  });

  it('gives tcpdump a stream it reads as it comes', async () => {
    const { text } = await shell('$WRITE - 300 60 | tcpdump -r - --count 2>/dev/null');
    expect(text).toContain('300 packets');
  });

  it('gives a socket every packet', async () => {
    const { stdout } = await run(process.execPath, [PROGRAM, '-', '5000', '1000']);
    expect(await describeCapture(stdout)).toHaveLength(5000);
  });

  it('takes a reader that leaves for an end, not for an error', async () => {
    const { report } = await shell('$WRITE - 100000 1000 | head -c 100 > /dev/null');
    expect(report).toMatchObject({ outcome: 'reader-gone', closed: 'reader-gone' });
    expect(report.error).toBeUndefined();
    expect(report.unwritten).toBeGreaterThan(0);
  });

  it('takes a reader that was never there for an end as well', async () => {
    const fifo = await makeFifo('never-read');
    const [reader, writer] = [openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK), openSync(fifo, 'w')];
    closeSync(reader);
    const sink = await FileSink.open({ target: '-', fd: writer, interfaces });
    expect(await sink.write(makePackets(3))).toBe('reader-gone');
    expect(await sink.close()).toBe('reader-gone');
    expect({ written: sink.written, unwritten: sink.unwritten }).toEqual({ written: 0, unwritten: 3 });
    closeSync(writer);
  });

  it('lets its process end while the reader stands still', async () => {
    const fifo = await makeFifo('stalled');
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const child = spawn(process.execPath, [PROGRAM, '-', '100000', '1000'], {
      stdio: ['ignore', openSync(fifo, 'w'), 'pipe'],
    });
    await once(child.stderr!, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    closeSync(reader);
  });
});

describe('a file sink on a named pipe', () => {
  it('waits for the reader', async () => {
    const fifo = await makeFifo('waiting');
    const opening = FileSink.open({ target: fifo, interfaces });
    const reading = output('cat', [fifo]);
    const sink = await opening;
    await sink.write(makePackets(30));
    await sink.close();
    expect(await describeCapture(await reading)).toHaveLength(30);
  });

  it('stops waiting when told to', async () => {
    const waiting = new AbortController();
    const opening = FileSink.open({ target: await makeFifo('abandoned'), interfaces, signal: waiting.signal });
    waiting.abort();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a file sink that cannot write everything', () => {
  it.each(['pcap', 'pcapng'])('ends a %s on a whole packet and counts the others', async (extension) => {
    const file = path(`limited.${extension}`);
    const { report } = await shell(`prlimit --fsize=100000 $WRITE ${file} 1000 1003`);
    expect(report.error).toMatchObject({
      code: 'ERR_TAP_UNWRITABLE',
      errno: 'EFBIG',
      path: file,
      message: expect.stringMatching(/, \d+ packets not written; .*ulimit -f/),
    });
    const frames = await describeCapture(file);
    expect(frames.length).toBe(report.written);
    expect(frames.length).toBeGreaterThan(90);
    expect(frames.length + report.unwritten!).toBe(100);
    expect(statSync(file).size).toBeLessThanOrEqual(100_000);
  });

  it('says that standard output is full', async () => {
    const { report } = await shell('$WRITE - 100 60 > /dev/full');
    expect(report.error).toMatchObject({ code: 'ERR_TAP_UNWRITABLE', errno: 'ENOSPC', path: '-' });
  });
});
