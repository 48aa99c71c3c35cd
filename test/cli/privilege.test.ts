// What is left of a tap's privileges once its devices are open: read from the kernel, thread by thread, and tried from within.

import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { capabilityMask } from '../../src/cli/capabilities.js';
import { type HeldPrivileges, heldBy } from '../../src/cli/process-status.js';
import { AS_NOBODY, whyNoNobody } from '../support/nobody.js';
import { DEMO_PCAP, makeTapFolder, type Running, type StartOptions, type TapFolder } from '../support/pkttap.js';
import { run } from '../support/run.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { makeVethPair, type VethPair, whyNoVeth } from '../support/veth.js';

const missing = (await whyNoVeth()) ?? (await whyNoNobody());
const noMounts =
  missing ?? ((await run('unshare', ['--mount', 'true'])).status === 0 ? undefined : 'needs a mount namespace');

/** A user that every Debian has, is not used by anything, and may do nothing. */
const DAEMON = 1;
const NOBODY = 65_534;

const NET_RAW_ONLY = ['--bounding-set', '-all,+net_raw'];
const TRY = { NODE_OPTIONS: `--require ${join(import.meta.dirname, '../programs/try-privileges.cjs')}` };

/** What no thread of any tap has. */
const CONFINED = { permitted: 0n, effective: 0n, bounding: 0n, noNewPrivs: true, seccomp: true };

/** A capture on `far`, as tap `v`, that runs: whatever it gives up, it has given up. */
async function startCapture(
  folder: TapFolder,
  { far }: VethPair,
  { prefix = [], args = [], ...options }: StartOptions & { prefix?: readonly string[]; args?: readonly string[] } = {},
): Promise<Running> {
  const words = ['pkttap', 'capture', far, '--tap', 'v', ...args];
  const [command = '', ...rest] = prefix.length > 0 ? ['setpriv', ...prefix, ...words] : words;
  const capture = folder.spawn(command, rest, options);
  await folder.untilStats('v', ({ state }) => state === 'running');
  return capture;
}

/** Sends packets, and sees them arrive; then ends the capture and gives what it said. */
async function captureAndEnd(folder: TapFolder, pair: VethPair, capture: Running): Promise<string> {
  const before = (await folder.untilStats('v', () => true)).received;
  await pair.send(udpSavefile(100).path);
  await folder.untilStats('v', ({ received }) => received === before + 100);
  capture.signal('SIGTERM');
  const { status, stderr } = await capture.ended;
  expect(status, stderr).toBe(0);
  return stderr;
}

async function triedBy(running: Running): Promise<Record<string, string>> {
  running.signal('SIGUSR2');
  await running.said(/^tried .*\n/m);
  return JSON.parse(/^tried (.*)$/m.exec(running.stderr)![1]!);
}

function alike(held: readonly HeldPrivileges[]): HeldPrivileges {
  expect(held).toHaveLength(1);
  expect(held[0]!.threads).toBeGreaterThan(4);
  return held[0]!;
}

describe('a capture', () => {
  it('becomes the user of -Z on every thread, goes on capturing, and can get nothing back', async (context) => {
    if (missing) return context.skip(missing);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const capture = await startCapture(folder, pair, { args: ['-Z', 'daemon'], env: TRY });
    const held = alike(heldBy(capture.pid));
    expect(held).toMatchObject({ ...CONFINED, uid: DAEMON, gid: DAEMON, groups: [DAEMON] });
    expect(await triedBy(capture)).toEqual({
      'open a file of root': 'EACCES',
      'start a program': 'EPERM',
      'become root': 'EPERM',
      'reach the network': 'EPERM',
      'listen on the network': 'EPERM',
    });
    expect(await readFile(`/proc/${capture.pid}/limits`, 'utf8')).toMatch(/^Max core file size +0 +0 /m);
    const { stdout } = await folder.run(['doctor']);
    expect(stdout.toString()).toMatch(
      /^ok +tap v +privileges +uid 1 gid 1 groups 1; capabilities: none; bounding set: none; no_new_privs; seccomp filter; not dumpable; \d+ threads$/m,
    );
    const said = await captureAndEnd(folder, pair, capture);
    expect(said).toMatch(/^dropped privileges to daemon$/m);
    expect((await folder.run(['list'])).stderr).toBe('no tap runs\n');
    // It could remove its socket: the folder is its own.
    expect((await folder.shell('ls taps')).stdout.toString()).toBe('');
  });

  it('keeps CAP_NET_RAW alone for --reopen, and opens a device that comes back', async (context) => {
    if (missing) return context.skip(missing);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const capture = await startCapture(folder, pair, { args: ['-Z', 'daemon', '--reopen'], env: TRY });
    const kept = capabilityMask('net_raw');
    expect(alike(heldBy(capture.pid))).toMatchObject({ ...CONFINED, permitted: kept, effective: kept, uid: DAEMON });
    expect(await triedBy(capture)).toMatchObject({ 'start a program': 'EPERM', 'become root': 'EPERM' });
    await pair.delete();
    await capture.said('is gone: waiting');
    await pair.make();
    await pair.raise();
    await capture.said('is back, and captured from again');
    await captureAndEnd(folder, pair, capture);
  });

  it('may still be given another filter', async (context) => {
    if (missing) return context.skip(missing);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const capture = await startCapture(folder, pair, { args: ['-Z', 'daemon', 'tcp'] });
    const control = await folder.run(['control', 'v', 'set-filter', 'udp', 'port', '53']);
    expect(control.status, control.stderr).toBe(0);
    await captureAndEnd(folder, pair, capture);
  });

  it('stays root where it must, without capabilities on any thread', async (context) => {
    if (missing) return context.skip(missing);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const capture = await startCapture(folder, pair, { prefix: NET_RAW_ONLY, env: TRY });
    // Without CAP_SETPCAP the bounding set stays; under no_new_privs it bounds nothing that could be had.
    const bounding = capabilityMask('net_raw');
    expect(alike(heldBy(capture.pid))).toMatchObject({ ...CONFINED, bounding, uid: 0 });
    expect(await triedBy(capture)).toMatchObject({ 'start a program': 'EPERM', 'reach the network': 'EPERM' });
    await captureAndEnd(folder, pair, capture);
  });

  it('of a user with CAP_NET_RAW alone gives that up, too', async (context) => {
    if (missing) return context.skip(missing);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    mkdirSync(folder.taps);
    chownSync(folder.taps, NOBODY, NOBODY);
    const user = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
    const prefix = [...user, ...NET_RAW_ONLY, '--inh-caps', '+net_raw', '--ambient-caps', '+net_raw'];
    const capture = await startCapture(folder, pair, { prefix });
    expect(alike(heldBy(capture.pid))).toMatchObject({ permitted: 0n, uid: NOBODY, noNewPrivs: true, seccomp: true });
    await captureAndEnd(folder, pair, capture);
  });

  it('has a consumer that has no privilege but a group', async (context) => {
    if (missing) return context.skip(missing);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const capture = await startCapture(folder, pair, { args: ['-Z', 'daemon', '--group', 'adm'] });
    const member = [...AS_NOBODY.filter((word) => word !== '--clear-groups'), '--groups', '4'];
    const consumer = folder.spawn('setpriv', [...member, 'pkttap', 'attach', 'v', '-c', '100']);
    await folder.untilStats('v', ({ consumers }) => consumers.length === 1);
    await captureAndEnd(folder, pair, capture);
    const { status, stdout } = await consumer.ended;
    expect(stdout.toString().trimEnd().split('\n')).toHaveLength(100);
    expect(status).toBe(0);
  });

  it('lets the user that it becomes control and observe it, as its own', async (context) => {
    if (missing) return context.skip(missing);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const capture = await startCapture(folder, pair, { args: ['-Z', 'daemon'] });
    const asDaemon = ['--reuid', 'daemon', '--regid', 'daemon', '--clear-groups'];
    const stats = await folder.spawn('setpriv', [...asDaemon, 'pkttap', 'stats', 'v']).ended;
    expect(stats.status, stats.stderr).toBe(0);
    await captureAndEnd(folder, pair, capture);
  });

  for (const { where, prefix, said, uid } of [
    {
      where: 'becomes the user pkttap unasked where there is one',
      prefix: [],
      said: /^dropped privileges to pkttap$/m,
      uid: 47_011,
    },
    {
      where: 'says so where it may not, and goes on',
      prefix: NET_RAW_ONLY,
      said: /^stays root, .* CAP_SETUID/m,
      uid: 0,
    },
  ] as const) {
    it(where, async (context) => {
      if (noMounts) return context.skip(noMounts);
      await using pair = await makeVethPair();
      const folder = makeTapFolder();
      // A system with such a user: this one's, seen by the capture alone.
      const users = `${await readFile('/etc/passwd', 'utf8')}pkttap:x:47011:47011::/nonexistent:/usr/sbin/nologin\n`;
      writeFileSync(folder.file('passwd'), users);
      const script = `mount --bind ${folder.file('passwd')} /etc/passwd && exec "$@"`;
      const capture = folder.spawn('unshare', [
        '--mount',
        'sh',
        '-c',
        script,
        'sh',
        'setpriv',
        ...prefix,
        'pkttap',
        'capture',
        pair.far,
        '--tap',
        'v',
      ]);
      await folder.untilStats('v', ({ state }) => state === 'running');
      expect(alike(heldBy(capture.pid))).toMatchObject({ permitted: 0n, uid, noNewPrivs: true, seccomp: true });
      expect(await captureAndEnd(folder, pair, capture)).toMatch(said);
    });
  }

  it('is an error for -Z where the user cannot be changed, and for one that does not exist', async (context) => {
    if (missing) return context.skip(missing);
    const folder = makeTapFolder();
    const capture = (user: string) =>
      folder.spawn('setpriv', [...NET_RAW_ONLY, 'pkttap', 'capture', 'lo', '-Z', user]).ended;
    expect(await capture('daemon')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^pkttap: becoming user daemon needs CAP_SETUID and CAP_SETGID: .*\n$/),
    });
    expect(await capture('no-such-user')).toMatchObject({ status: 1, stderr: 'pkttap: no such user: no-such-user\n' });
  });
});

describe('a replay', () => {
  it('stays who it is, to open files as they come up, but starts nothing and reaches no network', async (context) => {
    if (missing) return context.skip(missing);
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '--follow', DEMO_PCAP], { env: TRY });
    await folder.untilStats('replay', ({ state }) => state === 'running');
    expect(alike(heldBy(replay.pid))).toMatchObject({ uid: process.getuid!(), noNewPrivs: true, seccomp: true });
    expect(await triedBy(replay)).toMatchObject({ 'start a program': 'EPERM', 'reach the network': 'EPERM' });
    replay.signal('SIGTERM');
    expect((await replay.ended).status).toBe(0);
  });

  it('may look up the names of hosts in its filter', async (context) => {
    if (missing) return context.skip(missing);
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '--follow', DEMO_PCAP, 'port', '53'], { env: TRY });
    await folder.untilStats('replay', ({ state }) => state === 'running');
    expect(await triedBy(replay)).toMatchObject({ 'start a program': 'EPERM', 'reach the network': 'ECONNREFUSED' });
    replay.signal('SIGTERM');
    expect((await replay.ended).status).toBe(0);
  });
});
