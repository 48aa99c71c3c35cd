// Where analyze writes to, when something is wrong with it: a full disk, a log that is moved away, a reader on a socket or a
// pipe that stops or goes. What is written is whole lines, and what is not is counted.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEMO_PCAP, makeTapFolder, type Running, type TapFolder } from '../support/pkttap.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { until } from '../support/until.js';

const EACH_PACKET = 'alert ip any any -> any any (msg:"each"; dsize:>=0; sid:1;)\n';
const WORKERS = [['one', []] as const, ['two workers', ['--workers', '2']] as const];

/** Each line must be whole. */
function eventsIn(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A replay of the demo capture that goes on until it is told to stop. */
function startEndless(folder: TapFolder, pace: readonly string[] = ['-t']): Running {
  return folder.start(['replay', ...pace, '-l', '0', '--wait-for', '1', DEMO_PCAP]);
}

/** A server on a socket in the folder. */
async function listen(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onConnection).listen(path);
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  return server;
}

async function endsWell(analyze: Running): Promise<string> {
  analyze.signal('SIGINT');
  const { status, stderr } = await analyze.ended;
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return stderr;
}

/** Waits until its summary tells of lines that nobody got. */
async function untilDropped(analyze: Running): Promise<void> {
  for (let summaries = 1; !analyze.stderr.includes('not written'); summaries++) {
    analyze.signal('SIGUSR1');
    await until(() => (analyze.stderr.match(/^packets /gm) ?? []).length >= summaries);
  }
}

/** Whether this process may have a file system of its own for a child. */
const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
if (!canMount) console.warn('SKIPPED: tests on a full disk: needs root, or a user who may mount a tmpfs');

describe.skipIf(!canMount).each(WORKERS)('analyze on a disk that gets full: %s', (_, workers) => {
  it('ends with a whole line, counts the others and fails', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('a.rules'), EACH_PACKET);
    for (const directory of ['disk', 'kept']) mkdirSync(folder.file(directory));
    folder.start(['replay', '-t', '--wait-for', String(workers[1] ?? 1), udpSavefile(1000).path]);
    const analyze = `pkttap analyze replay --wait -S a.rules -w disk/eve.json ${workers.join(' ')}`;
    const script = `mount -t tmpfs -o size=64k none disk && { ${analyze}; status=$?; cp disk/* kept; exit $status; }`;
    const { status, stderr } = await folder.spawn('unshare', ['-m', 'bash', '-c', script]).ended;
    expect({ status, stderr }).toMatchObject({ status: 1 });
    expect(stderr.match(/can't write disk\/eve.json: ENOSPC/g)).toHaveLength(1);
    expect(Number(/(\d+) lines not written to disk\/eve.json/.exec(stderr)?.[1])).toBeGreaterThan(0);
    const kept = readFileSync(folder.file('kept/eve.json'), 'utf8');
    expect(kept.endsWith('\n')).toBe(true);
    expect(eventsIn(kept).length).toBeGreaterThan(10);
  });
});

describe.each(WORKERS)('analyze whose logs are moved away: %s', (_, workers) => {
  it('begins new ones on SIGHUP', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('a.rules'), EACH_PACKET);
    folder.start(['replay', '-p', '200', '-l', '0', '--wait-for', String(workers[1] ?? 1), DEMO_PCAP]);
    const logs = ['eve.json', 'fast.log'];
    const output = ['-w', 'eve.json', '--fast-log', 'fast.log'];
    const analyze = folder.start(['analyze', 'replay', '--wait', '-S', 'a.rules', ...output, ...workers]);
    const hasAll = () => logs.every((log) => existsSync(folder.file(log)) && statSync(folder.file(log)).size > 0);
    await until(hasAll);
    for (const log of logs) renameSync(folder.file(log), folder.file(`${log}.1`));
    analyze.signal('SIGHUP');
    await until(hasAll);
    await endsWell(analyze);
    const [before, after] = ['eve.json.1', 'eve.json'].map((log) => eventsIn(readFileSync(folder.file(log), 'utf8')));
    expect(before!.length).toBeGreaterThan(0);
    expect(after!.at(-1)).toMatchObject({ event_type: 'stats' });
    const lines = ['fast.log.1', 'fast.log'].map((log) => readFileSync(folder.file(log), 'utf8'));
    const alerts = [...before!, ...after!].filter(({ event_type }) => event_type === 'alert');
    expect(lines.join('').trimEnd().split('\n')).toHaveLength(alerts.length);
  });

  it('goes on in the old one if it can not', async () => {
    const folder = makeTapFolder();
    folder.start(['replay', '-p', '200', '-l', '0', '--wait-for', String(workers[1] ?? 1), DEMO_PCAP]);
    mkdirSync(folder.file('logs'));
    const analyze = folder.start(['analyze', 'replay', '--wait', '-w', 'logs/eve.json', ...workers]);
    await until(() => existsSync(folder.file('logs/eve.json')) && statSync(folder.file('logs/eve.json')).size > 0);
    renameSync(folder.file('logs'), folder.file('moved'));
    analyze.signal('SIGHUP');
    await analyze.said("goes on in the old file: can't open logs/eve.json: ENOENT");
    await endsWell(analyze);
    expect(eventsIn(readFileSync(folder.file('moved/eve.json'), 'utf8')).at(-1)).toMatchObject({ event_type: 'stats' });
  });
});

describe('analyze that writes to a Unix socket', () => {
  it('says so if nobody listens there', async () => {
    const folder = makeTapFolder();
    startEndless(folder);
    const { status, stderr } = await folder.run(['analyze', 'replay', '--wait', '-w', 'unix:eve.sock']);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "pkttap: can't connect to eve.sock: ENOENT: is somebody listening there?\n",
    });
  });

  it('hands a reader every event, up to the last', async () => {
    const folder = makeTapFolder();
    const chunks: Buffer[] = [];
    let ended = false;
    await listen(folder.file('eve.sock'), (socket) => {
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('end', () => {
        ended = true;
      });
    });
    folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAP]);
    const { status, stderr } = await folder.run(['analyze', 'replay', '--wait', '-q', '-w', 'unix:eve.sock']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    await until(() => ended);
    expect(eventsIn(Buffer.concat(chunks).toString()).at(-1)).toMatchObject({ event_type: 'stats' });
  });

  it.each(WORKERS)('connects again when its reader has gone, and counts what nobody got: %s', async (_, workers) => {
    const folder = makeTapFolder();
    const path = folder.file('eve.sock');
    let first: Socket | undefined;
    const server = await listen(path, (socket) => {
      first = socket;
      socket.on('data', () => {});
    });
    folder.start(['replay', '-p', '2000', '-l', '0', '--wait-for', String(workers[1] ?? 1), DEMO_PCAP]);
    const analyze = folder.start(['analyze', 'replay', '--wait', '-w', 'unix:eve.sock', ...workers]);
    await until(() => (first?.bytesRead ?? 0) > 0);
    server.close();
    first!.destroy();
    await analyze.said('eve.sock: the reader has gone: events are dropped until somebody listens there');
    await untilDropped(analyze);
    const chunks: Buffer[] = [];
    rmSync(path, { force: true });
    await listen(path, (socket) => void socket.on('data', (chunk) => chunks.push(chunk)));
    await analyze.said(/eve\.sock: connected again, \d+ events? dropped so far/);
    await until(() => chunks.length > 0);
    expect(await endsWell(analyze)).toMatch(/\d+ lines? not written to unix:eve.sock\n$/);
    await until(() => Buffer.concat(chunks).toString().includes('"stats"'));
    expect(eventsIn(Buffer.concat(chunks).toString()).at(-1)).toMatchObject({ event_type: 'stats' });
  });

  it('is not held up by a reader that stops reading', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('a.rules'), EACH_PACKET);
    await listen(folder.file('eve.sock'), (socket) => void socket.pause());
    startEndless(folder);
    const output = ['--alert-payload', '-w', 'unix:eve.sock'];
    const analyze = folder.start(['analyze', 'replay', '--wait', '-S', 'a.rules', ...output]);
    await analyze.said('eve.sock: nobody reads: events are dropped until somebody does');
    const { consumers } = await folder.untilStats('replay', () => true);
    await folder.untilStats('replay', (now) => now.consumers[0]!.delivered > consumers[0]!.delivered);
    expect(await endsWell(analyze)).toMatch(/\d+ lines not written to unix:eve.sock\n$/);
  });
});

describe.each(WORKERS)('analyze whose standard output is closed: %s', (_, workers) => {
  it('ends quietly', async () => {
    const folder = makeTapFolder();
    const wait = ['--wait-for', String(workers[1] ?? 1)];
    folder.start(['replay', '-p', '2000', '-l', '0', ...wait, DEMO_PCAP]);
    const script = `pkttap analyze replay --wait -q ${workers.join(' ')} | head -n 1`;
    const { status, stdout, stderr } = await folder.shell(script);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(eventsIn(stdout.toString())).toHaveLength(1);
  });
});
