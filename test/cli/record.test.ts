// `pkttap capture -w`: records all that is captured, in a process of its own whose troubles are not the capture's.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeTapFolder, type TapFolder } from '../support/pkttap.js';
import { describeCapture } from '../support/tshark.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const noVeth = await whyNoVeth();
beforeEach((context) => {
  if (noVeth) context.skip(noVeth);
});

const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
if (!canMount) console.warn('SKIPPED: a full disk under a recording: needs a user who may mount a tmpfs');

const COUNT = 500;

/** The md5 sums of a savefile's packets. */
async function sumsOf(path: string): Promise<string[]> {
  return (await describeCapture(path)).map(({ md5 }) => md5);
}

async function recorderOf(folder: TapFolder): Promise<number> {
  const { consumers } = await folder.untilStats('v', ({ state }) => state === 'running');
  return consumers.find(({ name }) => name === 'recorder')!.pid;
}

describe('capture -w', () => {
  it('has every packet from the first on, and is written to the end when the capture stops', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { path } = udpSavefile(COUNT);
    const capture = folder.start(['capture', pair.far, '--tap', 'v', '--wait-for', '1', '-w', 'out.pcapng']);
    // The recorder is there and doesn't count: nothing is captured before somebody else has come.
    const waiting = await folder.untilStats('v', ({ consumers }) => consumers.length === 1);
    expect(waiting).toMatchObject({ state: 'waiting', consumers: [{ name: 'recorder', policy: 'lossy' }] });
    const attach = folder.start(['attach', 'v', '-w', 'other.pcapng']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.send(path);
    await folder.untilStats('v', ({ consumers }) => consumers.every(({ delivered }) => delivered === COUNT));
    // As ^C at a terminal does: to the whole process group.
    process.kill(-capture.pid, 'SIGINT');
    const { status, stderr } = await capture.ended;
    expect(stderr).toContain(
      `${COUNT} packets received, 0 missed\n${COUNT} packets written\n${COUNT} packets captured\n`,
    );
    expect(stderr).toContain(`consumer recorder: ${COUNT} packets delivered, 0 missed\n`);
    expect(status).toBe(0);
    expect((await attach.ended).status).toBe(0);
    expect(await sumsOf(folder.file('out.pcapng'))).toEqual(await sumsOf(path));
    expect(await sumsOf(folder.file('other.pcapng'))).toEqual(await sumsOf(path));
  });

  it('writes a series of files, in the format and compression asked for', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    mkdirSync(folder.file('day'));
    const { path } = udpSavefile(COUNT);
    const series = ['-b', 'packets:120', '-b', 'files:3', '--format', 'pcap', '--compress', 'gzip', '-w', 'day/x.gz'];
    const capture = folder.start(['capture', pair.far, '--tap', 'v', '-c', String(COUNT), '-q', ...series]);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.send(path);
    expect(await capture.ended).toMatchObject({ status: 0, stderr: '' });
    const files = readdirSync(folder.file('day')).sort();
    expect(files.map((name) => name.slice(0, 7))).toEqual(['x_00003', 'x_00004', 'x_00005']);
    expect(files.map((name) => readFileSync(folder.file(`day/${name}`)).readUInt16BE(0))).toEqual(
      Array(3).fill(0x1f8b),
    );
    const sums = await Promise.all(files.map((name) => sumsOf(folder.file(`day/${name}`))));
    expect(sums.flat()).toEqual((await sumsOf(path)).slice(240));
  });

  it('- writes to standard output', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { path } = udpSavefile(COUNT);
    const capture = folder.start(['capture', pair.far, '--tap', 'v', '-c', String(COUNT), '-w', '-']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.send(path);
    const { status, stdout } = await capture.ended;
    expect(status).toBe(0);
    writeFileSync(folder.file('out.pcapng'), stdout);
    expect(await sumsOf(folder.file('out.pcapng'))).toEqual(await sumsOf(path));
  });

  it('tells that a recorder was killed, captures on, and exits with status 1', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { path } = udpSavefile(COUNT);
    const capture = folder.start(['capture', pair.far, '--tap', 'v', '-w', 'out.pcapng']);
    process.kill(await recorderOf(folder), 'SIGKILL');
    await capture.said('pkttap: the recording to out.pcapng has ended, killed by SIGKILL; the capture goes on\n');
    await pair.send(path);
    await folder.untilStats('v', ({ published, consumers }) => published === COUNT && consumers.length === 0);
    capture.signal('SIGTERM');
    const { status, stderr } = await capture.ended;
    expect(stderr).toContain(`${COUNT} packets captured\n`);
    expect(status).toBe(1);
  });

  it('captures on when the disk is full, and exits with status 1', async (context) => {
    if (!canMount) return context.skip('needs a user who may mount a tmpfs');
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    mkdirSync(folder.file('disk'));
    const { path } = udpSavefile(COUNT);
    const script = `mount -t tmpfs -o size=64k none disk && exec pkttap capture ${pair.far} --tap v -w disk/out.pcapng`;
    const capture = folder.spawn('unshare', ['-m', 'sh', '-c', script]);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.send(path);
    await capture.said(/errno=ENOSPC, \d+ packets not written/);
    await capture.said('pkttap: the recording to disk/out.pcapng has ended, exit status 1; the capture goes on\n');
    await pair.send(path);
    await folder.untilStats('v', ({ published }) => published === 2 * COUNT);
    capture.signal('SIGINT');
    const { status, stderr } = await capture.ended;
    expect(stderr).toContain(`${2 * COUNT} packets captured\n`);
    expect(status).toBe(1);
  });

  it('captures nothing if the savefile cannot be opened', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { status, stderr } = await folder.run(['capture', pair.far, '-w', 'no/such/out.pcapng']);
    expect(stderr).toContain('errno=ENOENT');
    expect(stderr).toContain("pkttap: can't record to no/such/out.pcapng: exit status 1");
    expect(status).toBe(1);
  });

  it('captures nothing if the recorder goes while consumers are waited for', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const capture = folder.start(['capture', pair.far, '--tap', 'v', '--wait-for', '1', '-w', 'out.pcapng']);
    await capture.said('waiting for 1 consumer');
    const { consumers } = await folder.untilStats('v', ({ consumers }) => consumers.length === 1);
    process.kill(consumers[0]!.pid, 'SIGKILL');
    const { status, stderr } = await capture.ended;
    expect(stderr).toMatch(/^pkttap: can't record to out\.pcapng: killed by SIGKILL/m);
    expect(status).toBe(1);
  });

  it('refuses options of a savefile without a savefile', async () => {
    const folder = makeTapFolder();
    const { status, stderr } = await folder.run(['capture', 'nosuch0', '-b', 'packets:1']);
    expect(stderr).toMatch(/need a savefile: -w FILE/);
    expect(status).toBe(2);
  });

  it('ends with the capture that waits for a pipe nobody reads', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    await folder.shell('mkfifo pipe');
    const capture = folder.start(['capture', pair.far, '--tap', 'v', '-w', 'pipe']);
    const { consumers } = await folder.untilStats('v', ({ consumers }) => consumers.length === 1);
    capture.signal('SIGINT');
    expect((await capture.ended).status).toBe(0);
    expect(existsSync(`/proc/${consumers[0]!.pid}`)).toBe(false);
  });
});
