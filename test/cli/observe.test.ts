// list, stats and doctor: what they say to people, and that --json is for programs.

import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AS_NOBODY, whyNoNobody } from '../support/nobody.js';
import { DEMO_PCAP, makeTapFolder, type TapFolder } from '../support/pkttap.js';

const noNobody = await whyNoNobody();

/** Two taps that wait: "one" with the consumer "reader" of the two it wants, "two" with none. */
async function startTaps(folder: TapFolder): Promise<void> {
  folder.start(['replay', '--tap', 'one', '--wait-for', '2', '--ring-size', '1M', DEMO_PCAP]);
  folder.start(['replay', '--tap', 'two', '--wait-for', '1', DEMO_PCAP]);
  folder.start(['attach', 'one', '--wait', '--name', 'reader']);
  await folder.untilStats('one', ({ consumers }) => consumers.length === 1);
  await folder.untilStats('two', () => true);
}

async function printed(folder: TapFolder, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await folder.run(args);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.toString();
}

describe('list', () => {
  it('prints a table of the taps that run, by name', async () => {
    const folder = makeTapFolder();
    await startTaps(folder);
    const rows = (await printed(folder, 'list')).trimEnd().split('\n');
    expect(rows[0]).toMatch(/^TAP +PID +STATE +PUBLISHED +CONSUMERS +SOURCE$/);
    expect(rows[1]).toMatch(/^one +\d+ +waiting +0 +1 +\/.*demo\.pcap$/);
    expect(rows[2]).toMatch(/^two +\d+ +waiting +0 +0 +\/.*demo\.pcap$/);
    expect(rows).toHaveLength(3);
  });

  it('--json prints an array with all statistics', async () => {
    const folder = makeTapFolder();
    await startTaps(folder);
    const taps = JSON.parse(await printed(folder, 'list', '--json'));
    expect(taps).toMatchObject([
      { tap: 'one', state: 'waiting', ringBytes: 1024 * 1024, consumers: [{ name: 'reader', policy: 'lossless' }] },
      { tap: 'two', state: 'waiting', ringBytes: 4 * 1024 * 1024, consumers: [] },
    ]);
  });

  it('says that no tap runs, and passes over what a killed one left behind, or somebody else', async () => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '--wait-for', '1', DEMO_PCAP]);
    await folder.untilStats('replay', () => true);
    replay.signal('SIGKILL');
    await replay.ended;
    writeFileSync(folder.file('taps/.no name.sock'), '');
    expect(await folder.run(['list'])).toMatchObject({ status: 0, stderr: 'no tap runs\n' });
    expect(await printed(folder, 'list', '--json')).toBe('[]\n');
  });
});

describe('stats', () => {
  it('prints the counters of a tap and a table of its consumers', async () => {
    const folder = makeTapFolder();
    await startTaps(folder);
    const text = await printed(folder, 'stats', 'one');
    expect(text).toMatch(/^tap one \(pid \d+\), waiting, ring 1 MiB, from \/.*demo\.pcap$/m);
    expect(text).toMatch(/^ {2}received +0$/m);
    expect(text).toMatch(/^ {2}kernel dropped +unknown$/m);
    expect(text).toMatch(/^ {2}CONSUMER +PID +UID +POLICY +SHARE +DELIVERED +FILTERED +MISSED +LAG$/m);
    expect(text).toMatch(/^ {2}reader +\d+ +\d+ +lossless +- +0 +0 +0 +0$/m);
    expect(await printed(folder, 'stats', 'two')).toContain('  no consumer\n');
  });

  it('prints all taps when none is named, with --json an object a line', async () => {
    const folder = makeTapFolder();
    await startTaps(folder);
    expect((await printed(folder, 'stats')).match(/^tap \w+/gm)).toEqual(['tap one', 'tap two']);
    const lines = (await printed(folder, 'stats', '--json')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).tap)).toEqual(['one', 'two']);
  });

  it('--watch goes on until the tap ends', async () => {
    const folder = makeTapFolder();
    await startTaps(folder);
    const watch = folder.start(['stats', 'one', '--watch', '--json']);
    await watch.printed(/\n.+\n/);
    folder.start(['attach', 'one']);
    const { status, stdout, stderr } = await watch.ended;
    expect(stderr).toBe('');
    expect(status).toBe(0);
    for (const line of stdout.toString().trimEnd().split('\n')) expect(JSON.parse(line).tap).toBe('one');
  });

  it('--watch prints a line with the time for each tap, as often as wanted', async () => {
    const folder = makeTapFolder();
    await startTaps(folder);
    const watch = folder.start(['stats', '--watch', '0.01']);
    await watch.printed(/^\S+Z one: 0 received, 0 published, 1 consumer\n\S+Z two: .*, 0 consumers\n\S+Z one: /m);
    watch.signal('SIGINT');
    expect(await watch.ended).toMatchObject({ status: 0, stderr: '' });
  });

  it('--watch keeps a table in its place on a terminal', async () => {
    const folder = makeTapFolder();
    await startTaps(folder);
    const watch = folder.spawn('script', ['-qefc', 'pkttap stats one --watch 0.01', '/dev/null']);
    const clear = '\x1b[H\x1b[2J';
    await watch.printed(/(tap one .*waiting[\s\S]*CONSUMER[\s\S]*reader[\s\S]*){2}/);
    expect(watch.stdout.split(clear).slice(0, 2)).toEqual(['', expect.stringMatching(/^tap one .*waiting/)]);
  });

  it('fails when no tap runs', async () => {
    expect(await makeTapFolder().run(['stats'])).toMatchObject({ status: 1, stderr: 'pkttap: no tap runs\n' });
  });
});

describe('doctor', () => {
  it('tells a user without privileges what is lacking, for which command, and what mends it', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const folder = makeTapFolder();
    const { status, stdout } = await folder.spawn('setpriv', [...AS_NOBODY, 'pkttap', 'doctor']).ended;
    const text = stdout.toString();
    expect(text).toMatch(/^lacks +CAP_NET_RAW +capture +not effective for this process$/m);
    expect(text).toMatch(/^CAP_NET_RAW:\n {2}sudo pkttap capture /m);
    expect(text).toMatch(/^lacks +folder of taps +capture, replay +.*: not writable$/m);
    expect(text).toMatch(/^folder of taps:\n {2}export PKTTAP_DIR=/m);
    expect(text).toMatch(/^ok +native core /m);
    expect(status).toBe(1);
  });

  it('finds a machine fit whose tests run, and says so by its exit status', async (context) => {
    if (process.getuid?.() !== 0) return context.skip('needs root, which lacks nothing');
    const { status, stdout } = await makeTapFolder().run(['doctor']);
    const lacking = stdout.toString().match(/^lacks.*$/gm) ?? [];
    // A container may keep CAP_NET_RAW even from root; nothing else may be lacking.
    expect(lacking.filter((line) => !line.includes('CAP_NET_RAW'))).toEqual([]);
    expect(status).toBe(lacking.length > 0 ? 1 : 0);
  });

  it('tells what it may do itself, and which compressed files can be replayed', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const { stdout } = await makeTapFolder().spawn('setpriv', [...AS_NOBODY, 'pkttap', 'doctor', '--json']).ended;
    const checks: { subject: string; found: string }[] = JSON.parse(stdout.toString());
    const foundFor = (wanted: string) => checks.find(({ subject }) => subject === wanted)?.found;
    expect(foundFor('this process')).toMatch(
      /^uid 65534 gid 65534; capabilities: none; bounding set: none; may get new privileges; .*; dumpable; \d+ threads$/,
    );
    expect([foundFor('zstd'), foundFor('lz4')]).toEqual(['can be unpacked', 'can be unpacked']);
  });

  it('--json prints an array of checks', async () => {
    const { stdout } = await makeTapFolder().run(['doctor', '--json']);
    const checks: { subject: string; ok: boolean; remedy?: string }[] = JSON.parse(stdout.toString());
    expect(checks.find(({ subject }) => subject === 'Node')).toMatchObject({ ok: true, commands: ['all'] });
    for (const { ok, remedy } of checks) expect(remedy === undefined).toBe(ok);
  });
});
