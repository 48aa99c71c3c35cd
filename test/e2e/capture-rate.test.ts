// A capture at the highest rate that one sender reaches: each packet that passed is in the ring or counted as dropped, and
// nobody who is attached changes that. Captured where they are sent: there no queue of the kernel's lies between.

import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeTapFolder } from '../support/pkttap.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const noVeth = await whyNoVeth();
beforeEach((context) => {
  if (noVeth) context.skip(noVeth);
});

const COUNT = 100_000;
const PAYLOAD = 60;
/** A kernel buffer that holds all of them. */
const ROOM_KIB = 128 * 1024;
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

/** The packets of a classic little-endian file, as bytes to compare. */
function packetsOf(path: string): string[] {
  const bytes = readFileSync(path);
  const packets: string[] = [];
  for (let at = FILE_HEADER_BYTES; at < bytes.length; ) {
    const data = at + RECORD_HEADER_BYTES;
    at = data + bytes.readUInt32LE(at + 8);
    packets.push(bytes.toString('latin1', data, at));
  }
  return packets;
}

/** Whether all of `some` are in `all`, in that order. */
function isPartOf(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const packet of some) {
    while (at < all.length && all[at] !== packet) at++;
    if (at++ === all.length) return false;
  }
  return true;
}

describe('a capture at full rate', () => {
  it('has every packet or counts it as dropped by the kernel, beside tcpdump', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { path } = udpSavefile(COUNT, { payload: PAYLOAD });
    // With room for all of them, so that it has them all.
    const args = ['-i', pair.near, '-B', String(ROOM_KIB), '-c', String(COUNT), '-w', 'tcpdump.pcap'];
    const tcpdump = folder.spawn('tcpdump', args);
    await tcpdump.said('listening on');
    const capture = folder.start(['capture', pair.near, '--tap', 'v', '-w', 'ours.pcap', '--on-slow', 'wait']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.send(path);
    expect((await tcpdump.ended).status).toBe(0);
    capture.signal('SIGINT');
    const { status, stderr } = await capture.ended;
    expect(status, stderr).toBe(0);
    const [captured, dropped] = [/^(\d+) packets captured/m, /^(\d+) packets dropped by kernel/m].map((line) =>
      Number(line.exec(stderr)?.[1]),
    );
    expect(captured! + dropped!).toBe(COUNT);

    const [ours, theirs] = [packetsOf(folder.file('ours.pcap')), packetsOf(folder.file('tcpdump.pcap'))];
    expect(theirs).toHaveLength(COUNT);
    expect(ours).toHaveLength(captured!);
    expect(isPartOf(ours, theirs)).toBe(true);
  });

  it('loses nothing for a consumer that stands still, which misses what it is too late for', async () => {
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { path } = udpSavefile(COUNT, { payload: PAYLOAD });
    // The kernel has room for all of them, however late the tap gets a processor; the ring has not.
    const options = ['--tap', 'v', '-B', `${ROOM_KIB}K`, '--ring-size', '1M', '--wait-for', '1'];
    const capture = folder.start(['capture', pair.near, ...options]);
    const attach = folder.start(['attach', 'v', '--wait', '-w', 'out.pcap']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    attach.signal('SIGSTOP');
    await pair.send(path);
    const stats = await folder.untilStats('v', ({ received }) => received === COUNT);
    expect(stats).toMatchObject({ published: COUNT, kernelDropped: 0, consumers: [{ policy: 'lossy' }] });
    expect(stats.consumers[0]!.lag).toBeGreaterThan(COUNT / 2);
    attach.signal('SIGCONT');
    await folder.untilStats('v', ({ consumers }) => consumers[0]!.lag === 0);
    capture.signal('SIGINT');
    expect((await capture.ended).status).toBe(0);
    const { status, stderr } = await attach.ended;
    expect(status).toBe(0);
    const [delivered, missed] = [/^(\d+) packets? received/m, /, (\d+) missed/m].map((line) =>
      Number(line.exec(stderr)?.[1]),
    );
    expect(delivered! + missed!).toBe(COUNT);
    expect(missed).toBeGreaterThan(0);
  });
});
