// `pkttap attach -w` with dumpcap's -b and -a: the files that dumpcap makes of the same packets, packet for packet.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { interfaceDescription, packetBlock, sectionHeader } from '../support/craft-savefile.js';
import { DEMO_PACKETS, DEMO_PCAP, DEMO_PCAPNG, makeTapFolder, type TapFolder } from '../support/pkttap.js';
import { output, type RunResult } from '../support/run.js';
import { describeCapture } from '../support/tshark.js';
import { until } from '../support/until.js';

/** Replays the demo to `attach` with these arguments. */
async function attachTo(folder: TapFolder, args: readonly string[], savefile = DEMO_PCAP): Promise<RunResult> {
  const replay = folder.start(['replay', '-t', '--tap', 'demo', '--wait-for', '1', savefile]);
  const result = await folder.run(['attach', 'demo', '--wait', '-w', ...args]);
  await replay.ended;
  return result;
}

/** Names and contents of a directory's files, in order. */
function filesIn(directory: string): { name: string; bytes: Buffer }[] {
  const names = readdirSync(directory).sort();
  return names.map((name) => ({ name, bytes: readFileSync(join(directory, name)) }));
}

/** `x_00003_20261121010203.pcap` without the time, which is another for each program. */
function numberOf(name: string): string {
  expect(name).toMatch(/^x_\d{5}_20\d{12}\.pcap$/);
  return name.slice(0, 'x_00003'.length);
}

const hasDumpcap = spawnSync('dumpcap', ['-v']).status === 0;
if (!hasDumpcap) console.warn('SKIPPED: tests beside dumpcap: it is not installed, or not for this user');

describe.skipIf(!hasDumpcap)('attach -w with -b and -a, beside dumpcap', () => {
  it.each([
    ['-b packets:50'],
    ['-b packets:67'],
    ['-b packets:50 -b files:2'],
    ['-b packets:20 -b files:1'],
    ['-b filesize:10'],
    ['-b filesize:10 -b packets:40'],
    ['-b packets:20 -a files:2'],
    ['-b packets:20 -a packets:50'],
    ['-b duration:1000 -a filesize:10'],
  ])('makes the files that dumpcap makes: %s', async (options) => {
    const folder = makeTapFolder();
    for (const name of ['dumpcap', 'pkttap']) mkdirSync(folder.file(name));
    // -P: classic pcap, in which the same packets are the same bytes.
    const theirs = await folder.shell(`cat ${DEMO_PCAP} | dumpcap -q -P -i - -w dumpcap/x.pcap ${options}`);
    const ours = await attachTo(folder, [folder.file('pkttap/x.pcap'), ...options.split(' ')]);
    // dumpcap may stop reading before cat has written everything.
    expect([0, 141]).toContain(theirs.status);
    expect(ours).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/packets written to \d+ files?, the last: /),
    });
    const expected = filesIn(folder.file('dumpcap'));
    const actual = filesIn(folder.file('pkttap'));
    expect(actual.map(({ name }) => numberOf(name))).toEqual(expected.map(({ name }) => numberOf(name)));
    expect(actual.map(({ bytes }) => bytes.length)).toEqual(expected.map(({ bytes }) => bytes.length));
    for (const [at, { name, bytes }] of expected.entries()) expect(actual[at]!.bytes.equals(bytes), name).toBe(true);
  });

  it('makes one file that ends where the limit is reached, as dumpcap does: -a filesize', async () => {
    const folder = makeTapFolder();
    await folder.shell(`cat ${DEMO_PCAP} | dumpcap -q -P -i - -w dumpcap.pcap -a filesize:10`);
    const { status } = await attachTo(folder, [folder.file('pkttap.pcap'), '-a', 'filesize:10']);
    expect(status).toBe(0);
    expect(readFileSync(folder.file('pkttap.pcap')).equals(readFileSync(folder.file('dumpcap.pcap')))).toBe(true);
  });
});

describe('attach -w with -b and -a', () => {
  it('loses and repeats nothing between the files of a pcapng series, compressed or not', async () => {
    const folder = makeTapFolder();
    for (const extension of ['pcapng', 'pcapng.gz', 'pcapng.zst']) {
      mkdirSync(folder.file(extension));
      await attachTo(folder, [folder.file(`${extension}/x.${extension}`), '-b', 'packets:100'], DEMO_PCAPNG);
      const names = filesIn(folder.file(extension)).map(({ name }) => folder.file(`${extension}/${name}`));
      expect(names).toHaveLength(3);
      const frames = await Promise.all(names.map((name) => describeCapture(name)));
      const original = await describeCapture(DEMO_PCAPNG);
      expect(frames.flat().map(({ time, md5 }) => [time, md5])).toEqual(original.map(({ time, md5 }) => [time, md5]));
    }
  });

  it('ends with the counts of all interfaces together, where they are known of none alone', async () => {
    const folder = makeTapFolder();
    const interfaces = [1, 101].map((linktype) => interfaceDescription('little', { linktype }));
    const packets = [0, 1, 1].map((interfaceId) => packetBlock('little', { interfaceId }));
    const path = folder.file('two.pcapng');
    writeFileSync(path, Buffer.concat([sectionHeader('little'), ...interfaces, ...packets]));
    await attachTo(folder, [folder.file('x.pcapng')], path);
    expect(await describeCapture(folder.file('x.pcapng'))).toHaveLength(3);
    expect(readFileSync(folder.file('x.pcapng'), 'latin1')).toContain(
      'all 2 interfaces together: 3 packets received, unknown dropped by kernel, unknown dropped by interface',
    );
  });

  it('begins files by the clock when no packet comes at all', async () => {
    const folder = makeTapFolder();
    mkdirSync(folder.file('idle'));
    // It waits for a second consumer, which never comes.
    folder.start(['replay', '--tap', 'demo', '--wait-for', '2', DEMO_PCAP]);
    const target = folder.file('idle/x.pcapng');
    const attach = folder.start(['attach', 'demo', '--wait', '-w', target, '-b', 'duration:0.05']);
    await until(() => readdirSync(folder.file('idle')).length >= 3);
    attach.signal('SIGTERM');
    const { status, stderr } = await attach.ended;
    expect(status).toBe(0);
    expect(stderr).toContain('0 packets written to');
    for (const { name } of filesIn(folder.file('idle')).slice(-3))
      expect(await describeCapture(folder.file(`idle/${name}`))).toEqual([]);
  });

  it('ends by the clock, in the middle of waiting for a packet', async () => {
    const folder = makeTapFolder();
    folder.start(['replay', '--tap', 'demo', '--wait-for', '2', DEMO_PCAP]);
    const { status } = await folder.run([
      'attach',
      'demo',
      '--wait',
      '-w',
      folder.file('x.pcap'),
      '-a',
      'duration:0.1',
    ]);
    expect(status).toBe(0);
    expect(await describeCapture(folder.file('x.pcap'))).toEqual([]);
  });

  it('stops printing lines by the clock and by count, too', async () => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '--tap', 'demo', '--wait-for', '2', DEMO_PCAP]);
    expect((await folder.run(['attach', 'demo', '--wait', '-a', 'duration:0.1'])).status).toBe(0);
    replay.signal('SIGTERM');
    await replay.ended;
    folder.start(['replay', '-t', '--tap', 'demo', '--wait-for', '1', DEMO_PCAP]);
    const { stdout } = await folder.run(['attach', 'demo', '--wait', '-a', 'packets:7', '-c', '9']);
    expect(stdout.toString().trimEnd().split('\n')).toHaveLength(7);
  });
});

describe('attach -w', () => {
  it('says in a pcapng what made it, where, and what was lost on the way', async () => {
    const folder = makeTapFolder();
    const file = folder.file('x.pcapng');
    await attachTo(folder, [file, '--capture-comment', 'first words', '--capture-comment', 'and second']);
    const facts = (await output('capinfos', [file])).toString();
    expect(facts).toMatch(/Capture hardware: +\S/);
    expect(facts).toMatch(/Capture oper-sys: +Linux \d/);
    expect(facts).toMatch(/Capture application: +pkttap \d+\.\d+\.\d+/);
    expect(facts).toMatch(/Capture comment: +first words/);
    expect(facts).toMatch(/Capture comment: +and second/);
    const args = ['-r', file, '-X', 'read_format:MIME Files Format', '-V'];
    const blocks = (await output('tshark', args)).toString();
    expect(blocks.match(/Block: Interface Statistics/g)).toHaveLength(1);
    for (const count of ['Received Packets', 'Accepted Packets', 'Packets Delivered to the User'])
      expect(blocks).toContain(`Number of ${count} = ${DEMO_PACKETS}`);
  });

  it.each([
    ['pcap', 'microseconds (6)'],
    ['nsecpcap', 'nanoseconds (9)'],
    ['pcapng', 'nanoseconds (9)'],
  ])("writes the precision that editcap's name means: -F %s", async (format, precision) => {
    const folder = makeTapFolder();
    await attachTo(folder, [folder.file('x.cap'), '-F', format]);
    await output('editcap', ['-F', format, DEMO_PCAP, folder.file('editcap.cap')]);
    for (const name of ['x.cap', 'editcap.cap'])
      expect((await output('capinfos', [folder.file(name)])).toString()).toContain(precision);
    const [ours, theirs] = await Promise.all(
      ['x.cap', 'editcap.cap'].map((name) => describeCapture(folder.file(name))),
    );
    expect(ours!.map(({ time, md5 }) => [time, md5])).toEqual(theirs!.map(({ time, md5 }) => [time, md5]));
  });

  it('compresses standard output when asked to', async () => {
    const folder = makeTapFolder();
    folder.start(['replay', '-t', '--tap', 'demo', '--wait-for', '1', DEMO_PCAP]);
    const line = 'pkttap attach demo --wait -w - --compress gzip | gunzip | tcpdump -r - --count 2>/dev/null';
    expect((await folder.shell(line)).stdout.toString()).toContain(`${DEMO_PACKETS} packets`);
  });

  it.each([
    ['-w - -b packets:5', 'standard output is one stream'],
    ['-w x.pcap -b files:5', '-b filesize:'],
    ['-w x.pcap -a files:5', 'needs -b'],
    ['-w x.pcap -b packets:0', 'whole number from 1'],
    ['-w x.pcap -b filesize:1.5', 'whole number from 1'],
    ['-w x.pcap -b duration:0', 'seconds from 0.001'],
    ['-w x.pcap -b size:5', 'filesize:KB'],
    ['-w x.pcap -a files', 'whole number'],
    ['-w x.pcap --capture-comment hello', 'pcapng'],
    ['-w x.pcapng.lz4', 'lz4 can be read, not written'],
    ['-w x.pcapng --compress lz4', 'gzip, zstd or none'],
    ['-w x.pcapng -F libpcap', 'nsecpcap'],
    ['-b packets:5', '-w FILE'],
    ['--compress gzip', '-w FILE'],
  ])('refuses what makes no sense, before it looks for the tap: %s', async (options, reason) => {
    const { status, stderr } = await makeTapFolder().run(['attach', 'nowhere', ...options.split(' ')]);
    expect(stderr).toContain(reason);
    expect(status).toBe(2);
  });
});
