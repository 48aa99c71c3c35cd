// --fail-on-drop: exit status 3 tells that packets were lost, and where is in the statistics.

import { describe, expect, it } from 'vitest';
import { DEMO_PCAP, makeTapFolder } from '../support/pkttap.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const noVeth = await whyNoVeth();

describe('--fail-on-drop', () => {
  it('is status 0 of tap and consumers where nothing was lost', async () => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-t', '--wait-for', '2', '--fail-on-drop', DEMO_PCAP]);
    const attach = folder.start(['attach', 'replay', '--wait', '--fail-on-drop']);
    const analyze = folder.start(['analyze', 'replay', '--wait', '--fail-on-drop']);
    for (const { ended } of [replay, attach, analyze]) expect((await ended).status).toBe(0);
  });

  it('is status 3 of those that were overtaken, and of their tap, and of nobody else', async () => {
    const folder = makeTapFolder();
    // A ring of 1 MiB holds fewer than 4000 of these packets.
    const pace = ['-l', '0', '-p', '50000', '--on-slow', 'drop', '--ring-size', '1M'];
    const replay = folder.start(['replay', ...pace, '--wait-for', '4', '--fail-on-drop', DEMO_PCAP]);
    const start = (command: string, ...args: string[]) => folder.start([command, 'replay', '--wait', ...args]);
    const slow = [
      { consumer: start('attach', '--fail-on-drop'), status: 3 },
      { consumer: start('analyze', '--fail-on-drop'), status: 3 },
      { consumer: start('attach'), status: 0 },
    ];
    await folder.untilStats('replay', ({ consumers }) => consumers.length === slow.length);
    for (const { consumer } of slow) consumer.signal('SIGSTOP');
    const last = start('attach', '-c', '1');
    await folder.untilStats(
      'replay',
      ({ consumers }) => consumers.length > 2 && consumers.every(({ lag }) => lag > 8000),
    );
    for (const { consumer } of slow) consumer.signal('SIGCONT');
    expect((await last.ended).status).toBe(0);
    await folder.untilStats(
      'replay',
      ({ consumers }) => consumers.length === slow.length && consumers.every(({ missed }) => missed > 0),
    );
    replay.signal('SIGUSR1');
    await replay.said(/, 3 consumers, (\S+ missed \d+(, |$)){3}/m);
    replay.signal('SIGINT');
    const { status, stderr } = await replay.ended;
    expect(stderr).toMatch(/^consumer attach:\d+: \d+ packets delivered, [1-9]\d* missed/m);
    expect(status).toBe(3);
    for (const { consumer, status } of slow) expect((await consumer.ended).status).toBe(status);
  });

  it('counts what consumers missed that left before the end', async () => {
    const folder = makeTapFolder();
    const pace = ['-l', '0', '-p', '50000', '--on-slow', 'drop', '--ring-size', '1M'];
    const replay = folder.start(['replay', ...pace, '--wait-for', '1', '--fail-on-drop', DEMO_PCAP]);
    const attach = folder.start(['attach', 'replay', '--wait']);
    await folder.untilStats('replay', ({ consumers }) => consumers.length === 1);
    attach.signal('SIGSTOP');
    await folder.untilStats('replay', ({ consumers }) => consumers[0]!.lag > 8000);
    attach.signal('SIGCONT');
    await folder.untilStats('replay', ({ consumers }) => consumers[0]!.missed > 0);
    attach.signal('SIGINT');
    await attach.ended;
    await folder.untilStats('replay', ({ consumers }) => consumers.length === 0);
    replay.signal('SIGINT');
    const { status, stderr } = await replay.ended;
    expect(stderr).toMatch(/^1 consumer that left before: [1-9]\d* missed$/m);
    expect(status).toBe(3);
  });

  it('is status 3 of a capture whose kernel buffer was full, and of who was attached to it', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { path } = udpSavefile(5000, { payload: 900 });
    const options = ['--tap', 'v', '-B', '256K', '--wait-for', '1', '--fail-on-drop'];
    const capture = folder.start(['capture', pair.near, ...options]);
    const attach = folder.start(['attach', 'v', '--wait', '--fail-on-drop']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    // Who doesn't run takes nothing out of the buffer.
    capture.signal('SIGSTOP');
    await pair.send(path);
    capture.signal('SIGCONT');
    const { received, kernelDropped } = await folder.untilStats('v', ({ kernelDropped = 0 }) => kernelDropped > 0);
    expect(received).toBeLessThan(5000);
    expect(kernelDropped).toBeGreaterThan(0);
    capture.signal('SIGINT');
    const { status, stderr } = await capture.ended;
    expect(stderr).toContain('5000 packets received by filter\n');
    expect(stderr).toMatch(/^[1-9]\d* packets dropped by kernel$/m);
    expect(status).toBe(3);
    const consumer = await attach.ended;
    expect(consumer.stderr).toMatch(/ received, 0 missed, [1-9]\d* dropped by the tap's kernel$/m);
    expect(consumer.status).toBe(3);
  });
});
