// What cards and kernels do to packets on their way, and how they arrive: with the VLAN tag that was taken out, whole where
// they were put together or not yet cut up.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makePacket } from '../../src/packet/packet-view.js';
import { createWriter } from '../../src/savefile/create-writer.js';
import { encodeSavefile } from '../support/encode-savefile.js';
import { startLive } from '../support/live-capture.js';
import { makeInterface } from '../support/packets.js';
import { output } from '../support/run.js';
import { makeTestRing } from '../support/test-ring.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { until } from '../support/until.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const SEND_OFFLOADED = join(import.meta.dirname, '../programs/send-offloaded.py');

const reasonToSkip = await whyNoVeth();
beforeEach((context) => {
  if (reasonToSkip) context.skip(reasonToSkip);
});

describe('a live capture', () => {
  it('has VLAN tags where they were, though the kernel carries them beside the packet', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    using tagged = makeTestRing();
    using asBytes = makeTestRing();
    const { path, frames } = taggedSavefile(60);
    await using capture = startLive(ring, [pair.far], { snaplen: 100 });
    await using filtered = startLive(tagged, [pair.far], { filter: 'vlan 10 and udp dst port 53' });
    // What shows that the kernel has taken the tag out: it doesn't see it here.
    await using blind = startLive(asBytes, [pair.far], { filter: 'ether[12:2] = 0x8100' });
    await pair.send(path);
    await until(() => ring.counters.published === 60 && tagged.counters.published === 30);
    await Promise.all([capture.finish(), filtered.finish(), blind.finish()]);

    const packets = ring.read();
    expect(packets.map(({ data }) => Buffer.from(data))).toEqual(frames.map((frame) => frame.subarray(0, 100)));
    expect(packets.map(({ origlen }) => origlen)).toEqual(frames.map(({ length }) => length));
    expect(tagged.read().map(({ data }) => Buffer.from(data))).toEqual(frames.filter((_, i) => i % 2 === 0));
    expect(asBytes.counters.published).toBe(0);
  });

  it.each([2_000, 65_000, 180_000])('has a packet of %i bytes, which no cable carries, whole', async (bytes) => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    await output('ip', ['link', 'set', pair.near, 'gso_max_size', '200000']);
    await using capture = startLive(ring, [pair.far]);
    const sent = await output('python3', [SEND_OFFLOADED, pair.near, String(bytes)]);
    await until(() => ring.counters.published === 1);
    await capture.finish();
    const [packet] = ring.read();
    expect(packet).toMatchObject({ caplen: bytes, origlen: bytes, truncated: false });
    expect(Buffer.from(packet!.data).toString('hex')).toBe(sent.toString());
  });
});

/** Packets of VLAN 10 and 11 in turn. */
function taggedSavefile(count: number) {
  const plain = udpSavefile(count);
  const frames = plain.frames.map((frame, i) => {
    return Buffer.concat([frame.subarray(0, 12), Buffer.from([0x81, 0, 0, 10 + (i % 2)]), frame.subarray(12)]);
  });
  const interfaces = [makeInterface()];
  const packets = frames.map((data) => makePacket({ data, interface: interfaces[0]! }));
  writeFileSync(plain.path, encodeSavefile(createWriter({ format: 'nsecpcap', interfaces }), packets));
  return { path: plain.path, frames };
}
