// What tcpdump's and dumpcap's letters do for `pkttap capture`, and `pkttap control set-filter` beside it.

import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEMO_PCAP, makeTapFolder } from '../support/pkttap.js';
import { output, run } from '../support/run.js';
import { describeCapture } from '../support/tshark.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const noVeth = await whyNoVeth();

describe.skipIf(noVeth)('capture', () => {
  it.each([
    ['-J', ['-J'], 'lo'],
    ['-L', ['-L'], 'any'],
  ])('%s lists what tcpdump lists', async (_, args, device) => {
    const [ours, theirs] = await Promise.all([
      makeTapFolder().run(['capture', device, ...args]),
      run('tcpdump', ['-i', device, ...args]),
    ]);
    expect(ours.status).toBe(0);
    const lines = (text: string) => text.match(/^ {2}\S+/gm);
    expect(lines(ours.stdout.toString())).not.toBeNull();
    expect(lines(ours.stdout.toString())).toEqual(lines(theirs.stdout.toString() + theirs.stderr));
  });

  it.each([
    ['a link type that the device has not', ['lo', '-y', 'DOCSIS'], 1, '`pkttap capture lo -L` lists those it has'],
    ['a link type that nobody knows', ['lo', '-y', 'NONESUCH'], 1, 'unknown link type'],
    ['timestamps that it has not', ['lo', '-j', 'adapter'], 1, '`pkttap capture lo -J` lists those it has'],
    ['types of a device that is not there', ['nosuch0', '-J'], 1, 'no such device: device=nosuch0'],
    ['monitor mode of what is no Wi-Fi', ['lo', '-I'], 1, 'the device has no monitor mode: device=lo'],
    ['two precisions', ['lo', '--nano', '--micro'], 2, 'cannot be used with'],
    ['a filter file that is none', ['lo', '-F', DEMO_PCAP], 1, 'not a text file, so no filter: path='],
    ['a filter file that is not there', ['lo', '-F', 'none.txt'], 1, "can't read the filter: ENOENT: path=none.txt"],
    ['a limit that is none', ['lo', '-a', 'hope:3'], 2, 'duration:SECONDS'],
    ['a limit of files without one', ['lo', '-a', 'filesize:3'], 2, 'need a savefile: -w FILE'],
    ['a time longer than a timer', ['lo', '-a', 'duration:3000000'], 2, 'a number of seconds up to'],
  ])('refuses %s', async (_, args, status, words) => {
    const result = await makeTapFolder().run(['capture', ...args]);
    expect(result.stderr).toContain(words);
    expect(result.status).toBe(status);
  });

  it('names the tap after a device whose own name no tap may have', async () => {
    await using pair = await makeVethPair();
    const odd = `-${pair.near.slice(2)}+`;
    await output('ip', ['link', 'set', pair.near, 'name', odd]);
    try {
      const { status, stderr } = await makeTapFolder().run(['capture', '-i', odd, '-a', 'duration:0.1']);
      expect(stderr).toContain(`listening on ${odd}, `);
      expect(stderr).toContain(`pkttap attach tap${odd.replace('+', '_')}\``);
      expect(status).toBe(0);
    } finally {
      await output('ip', ['link', 'set', 'dev', odd, 'name', pair.near]);
    }
  });

  it('-F reads the filter from a file, names the file that does not compile, and wants no other', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    writeFileSync(folder.file('good.txt'), '# only\nudp dst port 53 # names\n  or udp dst port 80\n');
    writeFileSync(folder.file('bad.txt'), 'udp port nonsense\n');
    const bad = await folder.run(['capture', pair.far, '-F', 'bad.txt']);
    expect(bad.stderr).toMatch(/filter does not compile: unknown port 'nonsense'.* path=bad\.txt$/m);
    const two = await folder.run(['capture', pair.far, '-F', 'good.txt', 'tcp']);
    expect([two.status, two.stderr]).toEqual([2, expect.stringContaining('-F names the filter, and so does "tcp"')]);

    const capture = folder.start(['capture', pair.far, '--tap', 'v', '-F', 'good.txt', '-a', 'packets:20']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.send(udpSavefile(30, { ports: [53, 54, 80] }).path);
    const { status, stderr } = await capture.ended;
    expect(stderr).toMatch(/^20 packets captured$/m);
    expect(status).toBe(0);
  });

  it('--micro cuts timestamps, and -a filesize ends the capture with its recording', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const args = ['capture', pair.far, '--tap', 'v', '--micro', '-w', 'out.pcapng', '-a', 'filesize:10'];
    const capture = folder.start(args);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.send(udpSavefile(100).path);
    expect((await capture.ended).status).toBe(0);
    const times = (await describeCapture(folder.file('out.pcapng'))).map(({ time }) => time);
    expect(times.length).toBeGreaterThan(5);
    expect(times.every((time) => time.endsWith('000'))).toBe(true);
  });

  it('-a duration ends it, in good order', async () => {
    const { status, stderr } = await makeTapFolder().run(['capture', 'lo', '-a', 'duration:0.1', 'udp dst port 9']);
    expect(stderr).toContain('packets captured');
    expect(status).toBe(0);
  });

  it('--reopen tells of devices that go, and goes on when they are back', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { path } = udpSavefile(50);
    const capture = folder.start(['capture', pair.far, '--tap', 'v', '--reopen', '-q']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.takeDown(pair.far);
    await capture.said(`pkttap: ${pair.far} is down: waiting for it to come up`);
    await pair.bringUp(pair.far);
    await capture.said(`pkttap: ${pair.far} is up again`);
    await pair.delete();
    await capture.said(`pkttap: ${pair.far} is gone: waiting for it to come back`);
    await pair.make();
    await pair.raise();
    await capture.said(`pkttap: ${pair.far} is back, and captured from again`);
    await pair.send(path);
    await folder.untilStats('v', ({ received }) => received === 50);
    capture.signal('SIGTERM');
    expect((await capture.ended).status).toBe(0);
  });
});

describe.skipIf(noVeth)('control set-filter', () => {
  it('exchanges the filter of a capture that runs', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { path } = udpSavefile(40, { ports: [53, 80] });
    const capture = folder.start(['capture', pair.far, '--tap', 'v', 'udp dst port 53']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    const attach = folder.start(['attach', 'v', '-w', 'out.pcapng']);
    await folder.untilStats('v', ({ consumers }) => consumers.length === 1);
    await pair.send(path);
    await folder.untilStats('v', ({ published }) => published === 20);
    const bad = await folder.run(['control', 'v', 'set-filter', 'udp', 'port', 'nonsense']);
    expect([bad.status, bad.stderr]).toEqual([1, expect.stringContaining("unknown port 'nonsense'")]);
    const changed = await folder.run(['control', 'v', 'set-filter', 'udp', 'dst', 'port', '80']);
    expect(changed.stdout.toString()).toBe('tap v: running, 20 packets published\n');
    await pair.send(path);
    await folder.untilStats('v', ({ published }) => published === 40);
    capture.signal('SIGTERM');
    await Promise.all([capture.ended, attach.ended]);

    const { stdout } = await run('capinfos', [folder.file('out.pcapng')]);
    expect(stdout.toString().match(/(?<=Filter string = ).*/g)).toEqual(['udp dst port 53', 'udp dst port 80']);
  });

  it.each([
    ['no filter', [], 2, "set-filter to what? '' is all packets"],
    ['a filter for a replay', ['udp'], 1, 'stays: only that of a capture by libpcap can change'],
    ['a filter that fits no message', ['x'.repeat(4097)], 2, 'a filter has at most 4096 characters'],
  ])('refuses %s', async (_, filter, status, words) => {
    const folder = makeTapFolder();
    folder.start(['replay', '-p', '0.001', DEMO_PCAP]);
    await folder.untilStats('replay', ({ state }) => state === 'running');
    const result = await folder.run(['control', 'replay', 'set-filter', ...filter]);
    expect(result.stderr).toContain(words);
    expect(result.status).toBe(status);
  });
});
