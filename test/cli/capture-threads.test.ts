// `pkttap capture --threads` on a real (virtual) cable, beside tcpdump on the same end: the same packets, once each.

import { describe, expect, it } from 'vitest';
import { makeTapFolder } from '../support/pkttap.js';
import { describeCapture } from '../support/tshark.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const noVeth = await whyNoVeth();

/** No two packets of the file are the same, and each is of a flow of its own. */
const COUNT = 900;

describe('capture --threads', () => {
  it('is one tap, whose consumers write what tcpdump does, and ends after -c packets of all threads', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const tcpdump = folder.spawn('tcpdump', ['-i', pair.far, '-B', '16384', '-c', String(COUNT), '-w', 'tcpdump.pcap']);
    await tcpdump.said('listening on');
    const capture = folder.start(['capture', pair.far, '--tap', 'v', '--wait-for', '1', '--threads', '4', '-c', '900']);
    const attach = folder.start(['attach', 'v', '--wait', '-w', 'pkttap.pcapng']);
    const stats = await folder.untilStats('v', ({ state }) => state === 'running');
    expect(stats).toMatchObject({ lanes: 4, ringBytes: 64 << 20 });
    await pair.send(udpSavefile(COUNT).path);

    const ended = await capture.ended;
    expect(ended.stderr).toContain(`${COUNT} packets captured\n`);
    expect((await attach.ended).stderr).toContain(`${COUNT} packets received, 0 missed\n`);
    expect([ended.status, (await attach.ended).status, (await tcpdump.ended).status]).toEqual([0, 0, 0]);
    const [ours, theirs] = await Promise.all(
      ['pkttap.pcapng', 'tcpdump.pcap'].map((file) => describeCapture(folder.file(file))),
    );
    const contents = (packets: typeof ours) => packets!.map(({ origlen, md5 }) => `${origlen} ${md5}`).sort();
    expect(contents(ours)).toEqual(contents(theirs));
    expect(ours!.length).toBe(COUNT);
  });
});
