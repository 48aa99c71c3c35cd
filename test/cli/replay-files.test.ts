// What `pkttap replay` takes for a savefile, as its users meet it: compressed, from a pipe, in folders, merged, still growing,
// without a packet.

import { appendFileSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pcapHeader, pcapRecord } from '../support/craft-savefile.js';
import { AS_NOBODY, whyNoNobody } from '../support/nobody.js';
import { DEMO_PACKETS, DEMO_PCAP, DEMO_PCAPNG, makeTapFolder } from '../support/pkttap.js';

const replayed = (packets: number) => new RegExp(`^${packets} packets? \\(`, 'm');

describe('pkttap replay', () => {
  it('unpacks what comes from standard input', async () => {
    const taps = makeTapFolder();
    const input = gzipSync(readFileSync(DEMO_PCAPNG));
    const { stderr, status } = await taps.run(['replay', '-t', '-'], { input });
    expect(stderr).toMatch(replayed(DEMO_PACKETS));
    expect(status).toBe(0);
  });

  it('takes a folder with files of any kind, and names those without a packet', async () => {
    const taps = makeTapFolder();
    mkdirSync(taps.file('day'));
    writeFileSync(taps.file('day/1.pcap.gz'), gzipSync(readFileSync(DEMO_PCAP)));
    writeFileSync(taps.file('day/2.pcap'), pcapHeader());
    copyFileSync(DEMO_PCAPNG, taps.file('day/3.pcapng'));
    const { stderr, status } = await taps.run(['replay', '-t', 'day']);
    expect(stderr).toMatch(replayed(2 * DEMO_PACKETS));
    expect(stderr).toContain('day/2.pcap: there is no packet in it\n');
    expect(status).toBe(0);
  });

  it('takes links in a folder for files, and leaves hidden files and further folders alone', async () => {
    const taps = makeTapFolder();
    mkdirSync(taps.file('day/older'), { recursive: true });
    symlinkSync(DEMO_PCAP, taps.file('day/1.pcap'));
    writeFileSync(taps.file('day/.1.pcap.part'), '');
    writeFileSync(taps.file('day/older/0.pcap'), '');
    const { stderr, status } = await taps.run(['replay', '-t', 'day']);
    expect(stderr).toMatch(replayed(DEMO_PACKETS));
    expect(status).toBe(0);
  });

  it('says in a line which folder it may not look into', async (context) => {
    const why = await whyNoNobody();
    if (why) return context.skip(why);
    const taps = makeTapFolder();
    mkdirSync(taps.file('closed'), { mode: 0o700 });
    const { stderr, status } = await taps.spawn('setpriv', [...AS_NOBODY, 'pkttap', 'replay', 'closed']).ended;
    expect(stderr).toMatch(/^pkttap: closed: .*permission.*\n$/);
    expect(status).toBe(1);
  });

  it('merges by time: two halves of a capture, the later one first', async () => {
    const taps = makeTapFolder();
    const seconds = [1, 2, 3, 4].map((second) => pcapRecord({ seconds: second, data: Buffer.of(second) }));
    writeFileSync(taps.file('late'), Buffer.concat([pcapHeader(), seconds[1]!, seconds[3]!]));
    writeFileSync(taps.file('early'), Buffer.concat([pcapHeader(), seconds[0]!, seconds[2]!]));
    const { stdout } = await taps.shell(
      'pkttap replay --merge -t -q --wait-for 1 late early & pkttap attach replay --wait -w - | tshark -r - -T fields -e frame.time_epoch',
    );
    expect(stdout.toString().split('\n').map(Number.parseFloat).slice(0, 4)).toEqual([1, 2, 3, 4].map((s) => s + 2e-6));
  });

  it('follows a file until it is told to stop', async () => {
    const taps = makeTapFolder();
    writeFileSync(taps.file('growing'), Buffer.concat([pcapHeader(), pcapRecord()]));
    const replay = taps.start(['replay', '-t', '--follow', 'growing']);
    await taps.untilStats('replay', ({ published }) => published === 1);
    appendFileSync(taps.file('growing'), pcapRecord());
    await taps.untilStats('replay', ({ published }) => published === 2);
    replay.signal('SIGINT');
    const { stderr, status } = await replay.ended;
    expect(stderr).toMatch(replayed(2));
    expect(status).toBe(0);
  });

  it('says what is wrong with compressed data, after the packets before that', async () => {
    const taps = makeTapFolder();
    const packed = gzipSync(readFileSync(DEMO_PCAP));
    writeFileSync(taps.file('cut.gz'), packed.subarray(0, packed.length - 1000));
    const { stderr, status } = await taps.run(['replay', '-t', 'cut.gz']);
    expect(stderr).toMatch(/^\d+ packets \(/m);
    expect(stderr).toContain(
      `pkttap: cut.gz: the file is cut short at byte ${packed.length - 1000}: the gzip data goes on`,
    );
    expect(status).toBe(1);
  });

  it('reads classic files with pcap-parser, where that can', async () => {
    const taps = makeTapFolder();
    const good = await taps.run(['replay', '-t', '--reader', 'pcap-parser', DEMO_PCAP]);
    expect(good.stderr).toMatch(replayed(DEMO_PACKETS));
    const other = await taps.run(['replay', '-t', '--reader', 'pcap-parser', DEMO_PCAPNG]);
    expect(other.stderr).toContain('not a classic pcap file, and pcap-parser reads no other');
    expect(other.status).toBe(1);
  });

  it.each([
    [['--reader', 'pcap-parser', DEMO_PCAP], 'neither a filter nor a pace'],
    [['-t', '--reader', 'pcap-parser', DEMO_PCAP, 'port', '53'], 'neither a filter nor a pace'],
    [['--follow', '-'], 'no need of --follow'],
    [['--follow', '--merge', DEMO_PCAP], 'cannot be used with'],
    [['--follow', '-l', '2', DEMO_PCAP], 'cannot be used with'],
  ])('refuses %j', async (args, words) => {
    const { stderr, status } = await makeTapFolder().run(['replay', ...args]);
    expect(stderr).toContain(words);
    expect(status).toBe(2);
  });
});
