// `pkttap capture --engine cap`: the same command on another engine, and what that engine can't do.

import { describe, expect, it } from 'vitest';
import { installWithout } from '../support/partial-install.js';
import { makeTapFolder } from '../support/pkttap.js';
import { describeCapture } from '../support/tshark.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const noVeth = await whyNoVeth();

describe('capture --engine cap', () => {
  it('is a tap like any other to its consumers, and tells what nobody counted', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { path, frames } = udpSavefile(100);
    const capture = folder.start([
      'capture',
      '--engine',
      'cap',
      pair.far,
      '--tap',
      'v',
      '--wait-for',
      '1',
      '-B',
      '16M',
    ]);
    const attach = folder.start(['attach', 'v', '--wait', '-w', 'out.pcapng']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.send(path);
    const stats = await folder.untilStats('v', ({ consumers }) => consumers[0]?.delivered === frames.length);
    expect(stats).toMatchObject({ received: 100, published: 100 });
    expect(stats.kernelDropped).toBeUndefined();
    capture.signal('SIGTERM');

    const { status, stderr } = await capture.ended;
    expect(stderr).toContain(`listening on ${pair.far}, link-type EN10MB (Ethernet), snapshot length 65535 bytes\n`);
    expect(stderr).toContain('100 packets captured\npackets dropped by kernel: unknown\n');
    expect(status).toBe(0);
    expect((await attach.ended).status).toBe(0);
    const sent = await describeCapture(path);
    expect((await describeCapture(folder.file('out.pcapng'))).map(({ md5 }) => md5)).toEqual(
      sent.map(({ md5 }) => md5),
    );
  });

  it.each([
    [['-s', '100'], '-s, --snapshot-length'],
    [['-p'], '-p, --no-promiscuous-mode'],
    [['-j', 'host'], '-j, --time-stamp-type'],
    [['-Q', 'in'], '-Q, --direction'],
    [['--immediate-mode'], '--immediate-mode'],
    [['--on-slow', 'wait'], '--on-slow wait'],
  ])('refuses what it can not do, by name: %j', async (args, name) => {
    const { status, stderr } = await makeTapFolder().run(['capture', '--engine', 'cap', 'lo', ...args]);
    expect(stderr).toContain(`pkttap: --engine cap can't do ${name}`);
    expect(status).toBe(2);
  });

  it('says what to install where the package is not', async () => {
    const program = installWithout({ packages: ['cap'] });
    const folder = makeTapFolder();
    const { status, stderr } = await folder.spawn(program, ['capture', '--engine', 'cap', 'lo']).ended;
    expect(stderr).toMatch(/^pkttap: can't load the package cap: type `apt-get install .*`npm install cap`\n$/);
    expect(status).toBe(1);
  });

  it('captures where our own module for libpcap is not', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    const program = installWithout({ modules: ['pcap'] });
    const folder = makeTapFolder();
    const args = ['capture', '--engine', 'cap', pair.far, '--tap', 'v', '-c', '3', '--wait-for', '1'];
    const capture = folder.spawn(program, args);
    const attach = folder.start(['attach', 'v', '--wait']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.send(udpSavefile(3).path);
    expect((await attach.ended).stdout.toString().match(/: UDP/g)).toHaveLength(3);
    expect((await capture.ended).status).toBe(0);
  });
});
