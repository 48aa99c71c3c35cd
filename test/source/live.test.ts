// The live source on real veth pairs: what was sent is in the ring, as it was sent.

import { beforeEach, describe, expect, it } from 'vitest';
import { RecordFlag } from '../../src/packet/record.js';
import { startLive } from '../support/live-capture.js';
import { makeTestRing } from '../support/test-ring.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { until } from '../support/until.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const reasonToSkip = await whyNoVeth();
beforeEach((context) => {
  if (reasonToSkip) context.skip(reasonToSkip);
});

describe('a live capture', () => {
  it('has every packet that was sent, in order, byte for byte', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const sent = udpSavefile(900);
    await using capture = startLive(ring, [pair.far]);
    await pair.send(sent.path);
    await until(() => ring.counters.published === sent.frames.length);
    expect(await capture.finish()).toEqual({ reason: 'stopped' });

    const packets = ring.read();
    expect(packets.map(({ data }) => Buffer.from(data))).toEqual(sent.frames.map((frame) => Buffer.from(frame)));
    expect(packets.every(({ origlen, caplen, truncated }) => origlen === caplen && !truncated)).toBe(true);
    expect(ring.counters).toMatchObject({ received: 900, published: 900, kernelDropped: 0, interfaceDropped: 0 });
    expect(capture.source.devices).toMatchObject([{ name: pair.far, received: 900, kernelDropped: 0 }]);
  });

  it('tells when each packet came, to the nanosecond', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const sent = udpSavefile(100);
    const before = BigInt(Date.now()) * 1_000_000n;
    await using capture = startLive(ring, [pair.far]);
    await pair.send(sent.path);
    await until(() => ring.counters.published === sent.frames.length);
    await capture.finish();

    const times = ring.read().map(({ tsNs }) => tsNs);
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    expect(times.every((time) => time >= before && time <= after)).toBe(true);
    expect(times.some((time) => time % 1000n !== 0n)).toBe(true);
  });

  it('describes its device in the interface table', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    await using capture = startLive(ring, [pair.far], { filter: 'udp', snaplen: 200 });
    await until(() => ring.interfaces.length === 1);
    await capture.finish();

    expect(capture.source.description).toBe(pair.far);
    expect(capture.source.banner).toEqual([`${pair.far}, link-type EN10MB (Ethernet), snapshot length 200 bytes`]);
    expect(ring.interfaces).toMatchObject([
      { name: pair.far, linktype: 1, snaplen: 200, filter: 'udp', timestampSource: 'kernel', section: 0 },
    ]);
    expect(ring.interfaces[0]!.os).toMatch(/^Linux \d/);
  });

  it('has only what passes its filter', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const sent = udpSavefile(300, { ports: [53, 80, 53] });
    await using capture = startLive(ring, [pair.far], { filter: 'udp dst port 80' });
    await pair.send(sent.path);
    await until(() => ring.counters.published === 100);
    await capture.finish();

    expect(ring.read().map((packet) => packet.u16(36))).toEqual(Array(100).fill(80));
    expect(ring.counters).toMatchObject({ received: 100, kernelDropped: 0 });
  });

  it('cuts packets at the snaplen and says that it did', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const sent = udpSavefile(50, { payload: 500 });
    await using capture = startLive(ring, [pair.far], { snaplen: 60 });
    await pair.send(sent.path);
    await until(() => ring.counters.published === 50);
    await capture.finish();

    const packets = ring.read();
    expect(packets.map(({ caplen }) => caplen)).toEqual(Array(50).fill(60));
    expect(packets.map(({ origlen }) => origlen)).toEqual(Array(50).fill(542));
    expect(packets.every(({ truncated }) => truncated)).toBe(true);
    expect(packets.map(({ data }) => Buffer.from(data))).toEqual(
      sent.frames.map((frame) => Buffer.from(frame.subarray(0, 60))),
    );
  });

  it('takes two devices at once and tells their packets apart', async () => {
    await using one = await makeVethPair();
    await using two = await makeVethPair();
    using ring = makeTestRing();
    const first = udpSavefile(300, { ports: [1111] });
    const second = udpSavefile(400, { ports: [2222] });
    await using capture = startLive(ring, [one.far, two.far]);
    await Promise.all([one.send(first.path), two.send(second.path)]);
    await until(() => ring.counters.published === 700);
    await capture.finish();

    const packets = ring.read();
    const of = (device: string) => packets.filter((packet) => packet.interface.name === device);
    expect(of(one.far).map((packet) => packet.u16(36))).toEqual(Array(300).fill(1111));
    expect(of(two.far).map((packet) => packet.u16(36))).toEqual(Array(400).fill(2222));
    expect(capture.source.devices).toMatchObject([{ received: 300 }, { received: 400 }]);
  });

  it('hands packets over one by one in immediate mode', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const sent = udpSavefile(20);
    await using capture = startLive(ring, [pair.far], { immediate: true, timeoutMs: 1000 });
    await pair.send(sent.path);
    await until(() => ring.counters.published === 20);
    await capture.finish();
    expect(ring.counters).toMatchObject({ received: 20, kernelDropped: 0 });
  });

  it('sees only what comes in, or only what goes out, if told so', async () => {
    await using pair = await makeVethPair();
    using incoming = makeTestRing();
    using outgoing = makeTestRing();
    const there = udpSavefile(30, { ports: [1111] });
    const back = udpSavefile(40, { ports: [2222] });
    await using inbound = startLive(incoming, [pair.far], { direction: 'in' });
    await using outbound = startLive(outgoing, [pair.far], { direction: 'out' });
    await pair.send(there.path, pair.near);
    await pair.send(back.path, pair.far);
    await until(() => incoming.counters.published === 30 && outgoing.counters.published === 40);
    await Promise.all([inbound.finish(), outbound.finish()]);

    const [cameIn, wentOut] = [incoming.read(), outgoing.read()];
    expect(cameIn.map((packet) => packet.u16(36))).toEqual(Array(30).fill(1111));
    expect(wentOut.map((packet) => packet.u16(36))).toEqual(Array(40).fill(2222));
    expect(cameIn.every(({ flags }) => flags === RecordFlag.inbound)).toBe(true);
    expect(wentOut.every(({ flags }) => flags === (RecordFlag.outbound | RecordFlag.checksumUnknown))).toBe(true);
  });

  it('captures on all devices at once, with the direction of each packet', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    // A port of this process's own: other tests may be sending at the same time.
    const port = 10_000 + (process.pid % 20_000);
    const sent = udpSavefile(50, { ports: [port], broadcast: true });
    await using capture = startLive(ring, ['any'], { filter: `udp dst port ${port}` });
    await pair.send(sent.path);
    await until(() => ring.counters.published === 100);
    await capture.finish();

    const packets = ring.read();
    expect(ring.interfaces).toMatchObject([{ name: 'any', linktype: 276 }]);
    expect(packets.filter(({ flags }) => (flags & RecordFlag.inbound) !== 0)).toHaveLength(50);
    expect(packets.filter(({ flags }) => (flags & RecordFlag.outbound) !== 0)).toHaveLength(50);
    expect(ring.counters).toMatchObject({ kernelDropped: 0, interfaceDropped: undefined });
  });
});
