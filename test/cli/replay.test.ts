// `pkttap replay`: which packets of which files, how often, and how fast. Of time only lower bounds are asserted.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makePacket } from '../../src/packet/packet-view.js';
import { createWriter } from '../../src/savefile/create-writer.js';
import { encodeSavefile } from '../support/encode-savefile.js';
import { countingBytes, makeInterface } from '../support/packets.js';
import { DEMO_PACKETS, DEMO_PCAP, DEMO_PCAPNG, makeTapFolder, type TapFolder } from '../support/pkttap.js';
import { output } from '../support/run.js';

/** Replays to one consumer. The tap's standard error, and the lines that the consumer printed. */
async function replay(folder: TapFolder, ...args: readonly string[]): Promise<{ stderr: string; lines: string[] }> {
  const tap = folder.start(['replay', '--wait-for', '1', ...args]);
  tap.stdin.end();
  const { status, stdout } = await folder.run(['attach', 'replay', '--wait', '-tt', '--nano']);
  expect(status).toBe(0);
  const { status: tapStatus, stderr } = await tap.ended;
  expect(tapStatus, stderr).toBe(0);
  return { stderr, lines: stdout.toString().split('\n').slice(0, -1) };
}

/** Writes `count` packets of 1000 bytes, `gapMs` apart. */
function writeGaps(folder: TapFolder, count: number, gapMs: number): void {
  const interfaces = [makeInterface()];
  const packets = Array.from({ length: count }, (_, i) => {
    return makePacket({
      data: countingBytes(1000, i),
      tsNs: BigInt(i * gapMs) * 1_000_000n,
      interface: interfaces[0]!,
    });
  });
  writeFileSync(folder.file('gaps.pcap'), encodeSavefile(createWriter({ format: 'nsecpcap', interfaces }), packets));
}

/** How long the replay took, in its own words. */
function secondsOf(stderr: string): number {
  return Number(/replayed in (\d+\.\d+) seconds/.exec(stderr)![1]);
}

describe('replay', () => {
  it('-t of one file gives its packets, and says how many and how many bytes', async () => {
    const { lines, stderr } = await replay(makeTapFolder(), '-t', DEMO_PCAP);
    expect(lines).toHaveLength(DEMO_PACKETS);
    const bytes = (await output('capinfos', ['-TmMrd', DEMO_PCAP])).toString().trim().split(',').at(-1);
    expect(stderr).toContain(`replaying ${DEMO_PCAP}\ntap replay: attach with \`pkttap attach replay\`\n`);
    expect(stderr).toMatch(new RegExp(`^${DEMO_PACKETS} packets \\(${bytes} bytes\\) replayed in `, 'm'));
    expect(stderr).toMatch(/^consumer attach:\d+: /m);
  });

  it('takes several files in their order, and -l all of them again', async () => {
    const folder = makeTapFolder();
    writeGaps(folder, 2, 1);
    const once = await replay(folder, '-t', 'gaps.pcap', DEMO_PCAP);
    expect(once.lines).toHaveLength(2 + DEMO_PACKETS);
    const twice = await replay(folder, '-t', '-l', '2', 'gaps.pcap', DEMO_PCAP);
    expect(twice.lines).toEqual([...once.lines, ...once.lines]);
  });

  it('takes the files of a folder by name', async () => {
    const folder = makeTapFolder();
    mkdirSync(folder.file('day'));
    writeGaps(folder, 2, 1);
    copyFileSync(DEMO_PCAP, folder.file('day/1.pcap'));
    copyFileSync(folder.file('gaps.pcap'), folder.file('day/2.pcap'));
    const fromFolder = await replay(folder, '-t', 'day');
    const fromFiles = await replay(folder, '-t', DEMO_PCAP, 'gaps.pcap');
    expect(fromFolder.lines).toEqual(fromFiles.lines);
  });

  it('- reads standard input as it comes', async () => {
    const folder = makeTapFolder();
    const tap = folder.start(['replay', '-t', '--wait-for', '1', '-']);
    const attach = folder.start(['attach', 'replay', '--wait', '-q']);
    const bytes = await output('cat', [DEMO_PCAP]);
    // Not at a record's end.
    tap.stdin.write(bytes.subarray(0, 5000));
    await attach.printed('\n');
    tap.stdin.end(bytes.subarray(5000));
    expect((await attach.ended).stdout.toString().split('\n')).toHaveLength(DEMO_PACKETS + 1);
    expect((await tap.ended).status).toBe(0);
  });

  it('-L stops after that many packets', async () => {
    const { lines, stderr } = await replay(makeTapFolder(), '-t', '-L', '7', '-l', '0', DEMO_PCAP);
    expect(lines).toHaveLength(7);
    expect(stderr).toMatch(/^7 packets \(/m);
  });

  for (const [words, filter] of [
    [['tcp', 'port', '443'], 'tcp port 443'],
    [['udp or (vlan and icmp)'], 'udp or (vlan and icmp)'],
  ] as const) {
    it(`takes a filter: ${filter}`, async () => {
      const { lines, stderr } = await replay(makeTapFolder(), '-t', DEMO_PCAPNG, ...words);
      const tcpdump = await output('tcpdump', ['-nttr', DEMO_PCAPNG, '--time-stamp-precision=nano', filter]);
      expect(lines.map((line) => line.split(' ')[0])).toEqual(tcpdump.toString().match(/^\d\S+/gm));
      expect(lines).not.toHaveLength(0);
      expect(stderr).toContain(`\n${DEMO_PACKETS} packets read from the files\n`);
    });
  }

  it('keeps to the recorded times unless told otherwise', async () => {
    const folder = makeTapFolder();
    writeGaps(folder, 5, 100);
    expect(secondsOf((await replay(folder, 'gaps.pcap')).stderr)).toBeGreaterThanOrEqual(0.4);
  });

  it('-x is so many times as fast', async () => {
    const folder = makeTapFolder();
    writeGaps(folder, 5, 200);
    expect(secondsOf((await replay(folder, '-x', '2', 'gaps.pcap')).stderr)).toBeGreaterThanOrEqual(0.4);
  });

  it('-p keeps to a rate of packets', async () => {
    const folder = makeTapFolder();
    writeGaps(folder, 5, 0);
    expect(secondsOf((await replay(folder, '-p', '10', 'gaps.pcap')).stderr)).toBeGreaterThanOrEqual(0.4);
  });

  it('-M keeps to a rate of bits', async () => {
    const folder = makeTapFolder();
    writeGaps(folder, 6, 0);
    // 1000 bytes at 0.08 megabits a second last 0.1 s; nothing is waited for after the last.
    expect(secondsOf((await replay(folder, '-M', '0.08', 'gaps.pcap')).stderr)).toBeGreaterThanOrEqual(0.4);
  });

  it('--wait-for 2 starts with the second consumer', async () => {
    const folder = makeTapFolder();
    const tap = folder.start(['replay', '-t', '--wait-for', '2', DEMO_PCAP]);
    await tap.said('waiting for 2 consumers');
    const first = folder.start(['attach', '-q', 'replay', '--wait']);
    const alone = await folder.untilStats('replay', ({ consumers }) => consumers.length === 1);
    expect(alone).toMatchObject({ state: 'waiting', published: 0 });
    const second = folder.start(['attach', '-q', 'replay', '--wait']);
    expect((await second.ended).stdout.toString().split('\n')).toHaveLength(DEMO_PACKETS + 1);
    expect((await first.ended).stdout.toString().split('\n')).toHaveLength(DEMO_PACKETS + 1);
    expect((await tap.ended).status).toBe(0);
  });

  it('needs nobody to be attached', async () => {
    const { status, stderr } = await makeTapFolder().run(['replay', '-t', DEMO_PCAP]);
    expect(stderr).toContain(`${DEMO_PACKETS} packets (`);
    expect(status).toBe(0);
  });

  it('of a file without packets says so', async () => {
    const folder = makeTapFolder();
    writeGaps(folder, 0, 0);
    const { lines, stderr } = await replay(folder, 'gaps.pcap');
    expect(lines).toEqual([]);
    expect(stderr).toContain('there was no packet in what was replayed');
  });

  it('--tap gives it another name, and -q makes it silent', async () => {
    const folder = makeTapFolder();
    const tap = folder.start(['replay', '-q', '-t', '--tap', 'other', '--wait-for', '1', DEMO_PCAP]);
    const { stdout } = await folder.run(['attach', '-q', 'other', '--wait']);
    expect(stdout.toString().split('\n')).toHaveLength(DEMO_PACKETS + 1);
    expect(await tap.ended).toMatchObject({ status: 0, stderr: '' });
  });

  it('--ring-size makes a ring of that size', async () => {
    const folder = makeTapFolder();
    folder.start(['replay', '--ring-size', '2M', '--wait-for', '1', DEMO_PCAP]);
    expect((await folder.untilStats('replay', () => true)).ringBytes).toBe(2 * 1024 * 1024);
  });

  it('stops waiting for a consumer that stands still for longer than --stall-timeout', async () => {
    const folder = makeTapFolder();
    const tap = folder.start(['replay', '-t', '--ring-size', '1M', '--stall-timeout', '50', '--wait-for', '1', '-']);
    const attach = folder.start(['attach', 'replay', '--wait']);
    const bytes = readFileSync(DEMO_PCAP);
    tap.stdin.write(bytes);
    await attach.printed('\n');
    attach.signal('SIGSTOP');
    // The same records again and again, behind one file header: more than the ring holds.
    for (let i = 1; i < 100; i++) tap.stdin.write(bytes.subarray(24));
    tap.stdin.end();
    const { status, stderr } = await tap.ended;
    expect(status).toBe(0);
    expect(stderr).toMatch(new RegExp(`^${100 * DEMO_PACKETS} packets \\(`, 'm'));
    attach.signal('SIGCONT');
    const consumer = await attach.ended;
    const [, received, missed] = /^(\d+) packets received, (\d+) missed$/m.exec(consumer.stderr)!.map(Number);
    expect(missed).toBeGreaterThan(0);
    expect(received! + missed!).toBe(100 * DEMO_PACKETS);
  });
});
