// `pkttap capture` on a real (virtual) cable, beside tcpdump on the same end: both must see the same packets.

import { describe, expect, it } from 'vitest';
import { makeTapFolder } from '../support/pkttap.js';
import { describeCapture, type PacketDescription } from '../support/tshark.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const noVeth = await whyNoVeth();

/** What the wire and the capture length give; who captured, as which interface and when, aside. */
const packet = ({ origlen, caplen, md5 }: PacketDescription) => ({ origlen, caplen, md5 });

/**
 * The kernel stamps a packet once for all who look at it, or, where nothing asks it to do so early, for each of them in
 * turn. In either case before the next packet arrives.
 */
function expectSameTimes(ours: readonly PacketDescription[], theirs: readonly PacketDescription[]): void {
  // Seconds of equal length with nine digits behind the point compare as text.
  const times = ours.map(({ time }, i) => [time, theirs[i]!.time].sort() as [string, string]);
  const late = times.filter(([, later], i) => i + 1 < times.length && later > times[i + 1]![0]);
  expect(late).toEqual([]);
}

describe('capture', () => {
  for (const { what, args } of [
    { what: 'whole packets', args: [] },
    { what: 'the first 100 bytes of packets', args: ['-s', '100'] },
  ] as const) {
    it(`carries ${what} as tcpdump does beside it, and all counters add up`, async (context) => {
      if (noVeth) return context.skip(noVeth);
      await using pair = await makeVethPair();
      const folder = makeTapFolder();
      const count = 1000;
      const { path } = udpSavefile(count);
      const fixed = ['-i', pair.far, '-B', '16384', '-c', String(count), '--time-stamp-precision=nano'];
      const tcpdump = folder.spawn('tcpdump', [...fixed, '-w', 'tcpdump.pcap', ...args]);
      await tcpdump.said('listening on');
      const capture = folder.start(['capture', pair.far, '--tap', 'v', '--wait-for', '1', ...args]);
      const attach = folder.start(['attach', 'v', '--wait', '-w', 'pkttap.pcapng']);
      await folder.untilStats('v', ({ state }) => state === 'running');
      await pair.send(path);
      const stats = await folder.untilStats('v', ({ consumers }) => consumers[0]?.delivered === count);
      expect(stats).toMatchObject({ received: count, published: count, kernelDropped: 0 });
      expect(stats.consumers).toMatchObject([{ delivered: count, missed: 0, lag: 0 }]);
      capture.signal('SIGINT');

      const { status, stderr } = await capture.ended;
      expect(status).toBe(0);
      expect(stderr).toContain(
        `${count} packets captured\n${count} packets received by filter\n0 packets dropped by kernel\n`,
      );
      const consumer = await attach.ended;
      expect(consumer.status).toBe(0);
      expect(consumer.stderr).toBe(`${count} packets received, 0 missed\n${count} packets written\n`);
      expect((await tcpdump.ended).status).toBe(0);

      const ours = await describeCapture(folder.file('pkttap.pcapng'));
      const theirs = await describeCapture(folder.file('tcpdump.pcap'));
      expect(ours.map(packet)).toEqual(theirs.map(packet));
      expect(ours).toHaveLength(count);
      expectSameTimes(ours, theirs);
    });
  }

  it('-c ends it after that many packets, and its consumers with it', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const capture = folder.start(['capture', pair.far, '--tap', 'v', '--wait-for', '1', '-c', '5']);
    const attach = folder.start(['attach', 'v', '--wait']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.send(udpSavefile(20).path);
    expect((await attach.ended).stdout.toString().split('\n')).toHaveLength(6);
    expect((await attach.ended).status).toBe(0);
    const { status, stderr } = await capture.ended;
    expect(stderr).toMatch(/^5 packets captured$/m);
    expect(status).toBe(0);
  });

  it('takes two devices and a filter, and names the tap after the first device', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { near, far } = pair;
    const args = ['capture', near, far, '-Q', 'in', 'udp', 'port', '53', '-c', '20', '--wait-for', '1'];
    const capture = folder.start(args);
    const attach = folder.start(['attach', near, '--wait', '-w', 'out.pcapng']);
    await folder.untilStats(near, ({ state }) => state === 'running');
    const { path } = udpSavefile(20, { ports: [53, 54] });
    await pair.send(path, near);
    await pair.send(path, far);
    expect((await attach.ended).status).toBe(0);
    expect((await capture.ended).status).toBe(0);
    const names = (await describeCapture(folder.file('out.pcapng'))).map(({ interfaceName }) => interfaceName);
    expect(names.filter((name) => name === far)).toHaveLength(10);
    expect(names.filter((name) => name === near)).toHaveLength(10);
  });

  it('-i names devices, and then all words are the filter', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const capture = folder.start(['capture', '-i', pair.far, 'port', '54', '-c', '2', '--wait-for', '1']);
    const attach = folder.start(['attach', pair.far, '--wait']);
    await folder.untilStats(pair.far, ({ state }) => state === 'running');
    await pair.send(udpSavefile(4, { ports: [53, 54] }).path);
    const { stdout } = await attach.ended;
    expect(stdout.toString().match(/ > 10\.0\.0\.2\.54: UDP/g)).toHaveLength(2);
    expect((await capture.ended).status).toBe(0);
  });
});
