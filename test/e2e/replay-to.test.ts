// One replay for both kinds of analyzer: `pkttap replay --to` puts on a wire, packet for packet, what consumers of the tap
// see. tcpdump at the other end of a veth pair is the judge.

import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { openInjected } from '../../src/source/injected.js';
import { ReplaySource } from '../../src/source/replay.js';
import { readClassicPcap } from '../support/classic-pcap.js';
import { pcapHeader, pcapRecord } from '../support/craft-savefile.js';
import { DEMO_PACKETS, DEMO_PCAP, makeTapFolder, type TapFolder } from '../support/pkttap.js';
import { output } from '../support/run.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const reasonToSkip = await whyNoVeth();
beforeEach((context) => {
  if (reasonToSkip) context.skip(reasonToSkip);
});

/** tcpdump, listening; it ends after `count` packets. */
async function startTcpdump(folder: TapFolder, device: string, count: number, path: string) {
  const tcpdump = folder.spawn('tcpdump', ['-n', '-i', device, '-c', String(count), '-B', '16384', '-w', path]);
  await tcpdump.said('listening on');
  return tcpdump;
}

const hexOf = (path: string) => readClassicPcap(path).records.map(({ data }) => Buffer.from(data).toString('hex'));

describe('pkttap replay --to', () => {
  it('puts every packet on the wire, as consumers of the tap see it, in order and not ahead of its time', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const sent = udpSavefile(900);
    const [onWire, inTap] = [folder.file('wire.pcap'), folder.file('tap.pcap')];
    const tcpdump = await startTcpdump(folder, pair.far, 900, onWire);
    const startedMs = Date.now();
    const to = ['replay', '--to', pair.near, '-p', '1000', '--wait-for', '1', sent.path];
    const [replay, attach] = await Promise.all([
      folder.run(to),
      folder.run(['attach', 'replay', '--wait', '-w', inTap]),
    ]);
    expect(replay).toMatchObject({ status: 0, stderr: expect.stringContaining(`900 packets put on ${pair.near}\n`) });
    expect(attach.status).toBe(0);
    expect((await tcpdump.ended).status).toBe(0);

    const frames = sent.frames.map((frame) => Buffer.from(frame).toString('hex'));
    expect(hexOf(onWire)).toEqual(frames);
    expect(hexOf(inTap)).toEqual(frames);
    const [, seconds] = /replayed in (\S+) seconds/.exec(replay.stderr)!;
    expect(Number(seconds)).toBeGreaterThanOrEqual(0.89);
    const times = readClassicPcap(onWire).records.map(({ tsNs }) => Number(tsNs) / 1e6);
    // Each a millisecond after the one before, by the plan; tcpdump's times are of microseconds.
    const early = times.filter((time, i) => time < startedMs + i - 0.1);
    expect(early).toEqual([]);
  });

  it('counts packets that are longer than the MTU, and sends the others', async () => {
    await using pair = await makeVethPair();
    await output('ip', ['link', 'set', pair.near, 'mtu', '500']);
    const { path, frames } = udpSavefile(200);
    const tooLong = frames.filter(({ length }) => length > 518).length;
    const { status, stderr } = await makeTapFolder().run(['replay', '-t', '--to', pair.near, path]);
    expect(status).toBe(0);
    expect(tooLong).toBeGreaterThan(0);
    expect(stderr).toContain(`${200 - tooLong} packets put on ${pair.near}\n`);
    expect(stderr).toContain(`${tooLong} packets not put on ${pair.near}: longer than its MTU\n`);
  });

  it('counts those for lost under --fail-on-drop', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { path } = udpSavefile(20);
    const replay = ['replay', '-t', '--fail-on-drop', '--to', pair.near, path];
    expect((await folder.run(replay)).status).toBe(0);
    await output('ip', ['link', 'set', pair.near, 'mtu', '500']);
    expect((await folder.run(replay)).status).toBe(3);
  });

  it('counts packets that the device refuses, and says why', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const path = folder.file('tiny.pcap');
    const records = [new Uint8Array(60), new Uint8Array(3), new Uint8Array(60)].map((data) => pcapRecord({ data }));
    writeFileSync(path, Buffer.concat([pcapHeader(), ...records, pcapRecord({ origlen: 1000 })]));
    const { status, stderr } = await folder.run(['replay', '-t', '--to', pair.near, path]);
    expect(status).toBe(0);
    expect(stderr).toContain(`3 packets put on ${pair.near}\n1 of them as short as they had been captured\n`);
    expect(stderr).toContain(`1 packet not put on ${pair.near}: send: `);
  });

  it('ends at the first packet of a link type that the device does not take', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const path = folder.file('raw.pcap');
    writeFileSync(path, Buffer.concat([pcapHeader({ linktype: 101 }), pcapRecord()]));
    const { status, stderr } = await folder.run(['replay', '-t', '--to', pair.near, DEMO_PCAP, path]);
    expect(status).toBe(1);
    expect(stderr).toContain(`${DEMO_PACKETS} packets put on ${pair.near}\n`);
    expect(stderr).toContain(`a packet of link type RAW can't go to a device of EN10MB: device=${pair.near}`);
  });

  it('ends with an error when the device is removed', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-p', '1000', '-l', '0', '--to', pair.near, DEMO_PCAP]);
    await folder.untilStats('replay', ({ published }) => published > 10);
    await pair.delete();
    const { status, stderr } = await replay.ended;
    expect(status).toBe(1);
    expect(stderr).toContain(`the device went away while it was sent to: device=${pair.near}`);
  });

  it('can be paused: nothing goes out meanwhile', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const path = folder.file('wire.pcap');
    const tcpdump = await startTcpdump(folder, pair.far, 3, path);
    const replay = folder.start(['replay', '-x', '0.000001', '--to', pair.near, DEMO_PCAP]);
    await folder.untilStats('replay', ({ published }) => published === 1);
    await folder.run(['control', 'replay', 'step', '2']);
    expect((await tcpdump.ended).status).toBe(0);
    expect(hexOf(path)).toEqual(hexOf(DEMO_PCAP).slice(0, 3));
    replay.signal('SIGTERM');
    const { status, stderr } = await replay.ended;
    expect(status).toBe(0);
    expect(stderr).toContain(`3 packets put on ${pair.near}\n`);
  });

  it.each([
    ['a device that is not there', 'qqqqqqqq', 'no such device: device=qqqqqqqq'],
    ['a device that packets can not go to', 'any', "can't send: device=any"],
  ])('refuses %s', async (_, device, words) => {
    const { status, stderr } = await makeTapFolder().run(['replay', '--to', device, DEMO_PCAP]);
    expect(status).toBe(1);
    expect(stderr).toContain(words);
  });

  it('refuses whoever may not send, and says what to do', () => {
    const source = new ReplaySource([DEMO_PCAP]);
    // What is loaded at first use may be where others can't read it.
    openInjected(source, 'lo').close();
    process.seteuid!(65_534);
    try {
      expect(() => openInjected(source, 'lo')).toThrow(
        expect.objectContaining({
          name: 'CaptureError',
          code: 'ERR_TAP_PERMISSION',
          message: expect.stringContaining('no permission to send: device=lo: needs CAP_NET_RAW'),
        }),
      );
    } finally {
      process.seteuid!(0);
    }
  });
});
