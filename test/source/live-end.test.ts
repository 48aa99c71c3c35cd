// Whatever ends a live capture, what had arrived is in the ring, what was lost is counted, and nothing is left behind.

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { openLive } from '../../src/source/live.js';
import { startLive } from '../support/live-capture.js';
import { run } from '../support/run.js';
import { makeTestRing } from '../support/test-ring.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { until } from '../support/until.js';
import { makeVethPair, type VethPair, whyNoVeth } from '../support/veth.js';

const PROGRAM = fileURLToPath(new URL('../programs/leave-capture.js', import.meta.url));

const reasonToSkip = await whyNoVeth();
beforeEach((context) => {
  if (reasonToSkip) context.skip(reasonToSkip);
});

/** Sends packets, all of which another capture has seen when this returns: the kernel has them for every capture. */
async function sendWitnessed(pair: VethPair, count: number): Promise<void> {
  using ring = makeTestRing();
  await using _witness = startLive(ring, [pair.far]);
  await pair.send(udpSavefile(count).path);
  await until(() => ring.counters.published === count);
}

describe('the end of a live capture', () => {
  it('comes by itself after as many packets as were asked for', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const sent = udpSavefile(500);
    await using capture = startLive(ring, [pair.far], { limit: 100 });
    await pair.send(sent.path);
    expect(await capture.ended).toEqual({ reason: 'finished' });
    expect(ring.counters).toMatchObject({ received: 100, published: 100 });
    expect(ring.read().map(({ data }) => Buffer.from(data))).toEqual(
      sent.frames.slice(0, 100).map((frame) => Buffer.from(frame)),
    );
  });

  it('comes after the packets that the kernel still held back when it was stopped', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    await using capture = startLive(ring, [pair.far], { timeoutMs: 1000 });
    await sendWitnessed(pair, 200);
    expect(await capture.finish()).toEqual({ reason: 'stopped' });
    expect(ring.counters).toMatchObject({ received: 200, published: 200, kernelDropped: 0 });
  });

  it('comes at once if it is stopped before a packet came, and only once', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    let ends = 0;
    const source = openLive([pair.far]);
    source.start(ring.handle, () => ends++);
    source.stop();
    await until(() => ends > 0);
    source.stop();
    expect(ends).toBe(1);
    expect(ring.counters).toMatchObject({ received: 0, published: 0 });
  });

  it('comes with an error that names the device when that is removed, after its last packets', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    await using capture = startLive(ring, [pair.far], { timeoutMs: 1000 });
    await sendWitnessed(pair, 200);
    await pair.delete();
    const { reason, error } = await capture.ended;

    expect(reason).toBe('failed');
    expect(error).toMatchObject({ name: 'CaptureError', code: 'ERR_TAP_DEVICE_GONE', device: pair.far });
    expect(ring.counters).toMatchObject({ received: 200, published: 200 });
  });

  it('does not come while one of its devices is left', async () => {
    await using one = await makeVethPair();
    await using two = await makeVethPair();
    using ring = makeTestRing();
    await using capture = startLive(ring, [one.far, two.far]);
    await one.delete();
    await until(() => capture.source.devices[0]!.failure !== undefined);
    await two.send(udpSavefile(30).path);
    await until(() => ring.counters.published === 30);
    expect(capture.source.devices[1]!.failure).toBeUndefined();
    await two.delete();
    expect((await capture.ended).error).toMatchObject({ code: 'ERR_TAP_DEVICE_GONE', device: two.far });
  });

  it('does not come when its device goes down for a while', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const sent = udpSavefile(100);
    await using capture = startLive(ring, [pair.far]);
    await pair.send(sent.path);
    await until(() => ring.counters.published === 100);
    await pair.takeDown(pair.far);
    await pair.bringUp(pair.far);
    await pair.send(sent.path);
    await until(() => ring.counters.published === 200);
    expect(await capture.finish()).toEqual({ reason: 'stopped' });
  });

  it('leaves no descriptor behind', async () => {
    await using pair = await makeVethPair();
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const captureOnce = async () => {
      using ring = makeTestRing({ capacity: 1 << 20 });
      await startLive(ring, [pair.far]).finish();
    };
    await captureOnce();
    const before = descriptors();
    for (let i = 0; i < 20; i++) await captureOnce();
    // Of captures whose objects were not collected yet, one eventfd each.
    expect(descriptors()).toBeLessThanOrEqual(before + 20);
  });
});

describe('a live capture that a lossless consumer holds up', () => {
  const heldUp = { capacity: 1 << 20, lossless: true };
  const tight = { bufferBytes: 1 << 20 };
  const sent = () => udpSavefile(900, { payload: 1400 });

  it('counts what the kernel dropped meanwhile, so that every packet is accounted for', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing(heldUp);
    using witnessed = makeTestRing();
    const { path } = sent();
    await using capture = startLive(ring, [pair.far], tight);
    await using witness = startLive(witnessed, [pair.far]);
    for (let round = 1; round <= 5; round++) {
      await pair.send(path);
      await until(() => witnessed.counters.published === round * 900);
    }
    let delivered = 0;
    await until(() => {
      delivered += ring.read().length;
      return ring.counters.received + (ring.counters.kernelDropped ?? 0) === 5 * 900;
    });
    await capture.finish();
    await witness.finish();
    delivered += ring.read().length;

    const { received, published, kernelDropped } = ring.counters;
    expect(kernelDropped).toBeGreaterThan(0);
    expect(received).toBe(published);
    expect(delivered).toBe(published);
    expect(capture.source.devices).toMatchObject([{ received, kernelDropped }]);
  });

  it('ends without waiting any longer when it is stopped a second time', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing(heldUp);
    await using capture = startLive(ring, [pair.far], tight);
    await pair.send(sent().path);
    await until(() => ring.counters.published > 0);
    capture.source.stop();
    capture.source.stop();
    expect(await capture.ended).toEqual({ reason: 'stopped' });
    expect(ring.counters.received).toBe(ring.counters.published);
  });
});

describe('a process that captures', () => {
  const ways = ['exit', 'ended', 'worker'].flatMap((way) => [1, 3].map((threads) => ({ way, threads })));

  it.each(ways)('can leave without a crash: $way, threads $threads', async ({ way, threads }) => {
    await using pair = await makeVethPair();
    const { status, stdout, stderr } = await run(process.execPath, [PROGRAM, pair.far, way, String(threads)]);
    expect({ status, stdout: stdout.toString(), stderr }).toEqual({ status: 0, stdout: 'left\n', stderr: '' });
  });
});
