// What becomes of a live capture when its devices go down, go away, and come back.

import { existsSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveChange } from '../../src/source/live.js';
import { type LiveCapture, startLive } from '../support/live-capture.js';
import { output } from '../support/run.js';
import { makeTestRing } from '../support/test-ring.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { until } from '../support/until.js';
import { makeVethPair, type VethPair, whyNoVeth } from '../support/veth.js';

const reasonToSkip = await whyNoVeth();
beforeEach((context) => {
  if (reasonToSkip) context.skip(reasonToSkip);
});

/** What is told of devices from now on, as `name state`, with a `!` if it was opened again. */
function listen({ source }: LiveCapture): string[] {
  const told: string[] = [];
  source.onDevice = ({ device, state, reopened }: LiveChange) => {
    told.push(`${device} ${state}${reopened ? '!' : ''}`);
  };
  return told;
}

/** Takes the capture's device away. Where what is told of it goes. */
async function remove(pair: VethPair, capture: LiveCapture): Promise<string[]> {
  const told = listen(capture);
  await pair.delete();
  await until(() => told.length === 1);
  return told;
}

describe('a live capture', () => {
  it('waits for a device that goes down, and tells that, and that it is up again', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const { path } = udpSavefile(100);
    await using capture = startLive(ring, [pair.far]);
    const told = listen(capture);
    await pair.send(path);
    await until(() => ring.counters.published === 100);
    await pair.takeDown(pair.far);
    await until(() => told.length === 1);
    expect(capture.source.devices).toMatchObject([{ state: 'down' }]);
    await pair.bringUp(pair.far);
    await until(() => told.length === 2);
    await pair.send(path);
    await until(() => ring.counters.published === 200);
    expect(told).toEqual([`${pair.far} down`, `${pair.far} up`]);
    expect(capture.source.devices).toMatchObject([{ state: 'up', received: 200 }]);
  });

  it('goes on in the same interface and counts on when a device that was gone is back', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const { path } = udpSavefile(100);
    await using capture = startLive(ring, [pair.far], { reopen: true, filter: 'udp' });
    const told = listen(capture);
    for (let times = 1; times <= 3; times++) {
      await pair.send(path);
      await until(() => ring.counters.published === 100 * times);
      await pair.delete();
      await until(() => told.length === 2 * times - 1);
      expect(capture.source.devices).toMatchObject([{ state: 'gone', received: 100 * times, kernelDropped: 0 }]);
      await pair.make();
      await pair.raise();
      await until(() => told.length === 2 * times);
    }
    await pair.send(path);
    await until(() => ring.counters.published === 400);
    expect(await capture.finish()).toEqual({ reason: 'stopped' });

    expect(told).toEqual(
      Array(3)
        .fill([`${pair.far} gone`, `${pair.far} up!`])
        .flat(),
    );
    expect(ring.interfaces).toMatchObject([{ name: pair.far, filter: 'udp' }]);
    expect(ring.read().every((packet) => packet.interface.index === 0)).toBe(true);
    expect(ring.counters).toMatchObject({ received: 400, published: 400, kernelDropped: 0, interfaceDropped: 0 });
    expect(capture.source.devices).toMatchObject([{ state: 'up', received: 400, kernelDropped: 0 }]);
  });

  it('keeps on with its other devices while one is gone, and gives that the newest filter when it is back', async () => {
    await using one = await makeVethPair();
    await using two = await makeVethPair();
    using ring = makeTestRing();
    const { path } = udpSavefile(100, { ports: [53, 80] });
    await using capture = startLive(ring, [one.far, two.far], { reopen: true, filter: 'udp dst port 53' });
    const told = listen(capture);
    await one.delete();
    await until(() => told.length === 1);
    await two.send(path);
    await until(() => ring.counters.published === 50);
    await expect(capture.source.setFilter('udp port nonsense')).rejects.toMatchObject({ code: 'ERR_TAP_BAD_FILTER' });
    await capture.source.setFilter('udp dst port 80');
    await one.make();
    await one.raise();
    await until(() => told.length === 2);
    await one.send(path);
    await until(() => ring.counters.published === 100);
    await capture.finish();
    expect(ring.read().map((packet) => packet.u16(36))).toEqual([...Array(50).fill(53), ...Array(50).fill(80)]);
  });

  it('can be stopped while its only device is gone', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    await using capture = startLive(ring, [pair.far], { reopen: true });
    await remove(pair, capture);
    expect(await capture.finish()).toEqual({ reason: 'stopped' });
  });

  it('waits for a device that is back to be up, too', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    await using capture = startLive(ring, [pair.far], { reopen: true });
    const told = await remove(pair, capture);
    await pair.make();
    expect(capture.source.devices).toMatchObject([{ state: 'gone' }]);
    await pair.raise();
    await until(() => told.length === 2);
    await pair.send(udpSavefile(20).path);
    await until(() => ring.counters.published === 20);
  });

  it('fails for a device that comes back with other packets than it had', async (context) => {
    if (!existsSync('/dev/net/tun')) return context.skip('needs tunnels: /dev/net/tun');
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    await using capture = startLive(ring, [pair.far], { reopen: true });
    const told = await remove(pair, capture);
    await output('ip', ['tuntap', 'add', 'dev', pair.far, 'mode', 'tun']);
    try {
      await output('ip', ['link', 'set', pair.far, 'up']);
      const { reason, error } = await capture.ended;
      expect(reason).toBe('failed');
      expect(error).toMatchObject({ code: 'ERR_TAP_CAPTURE', device: pair.far });
      expect(error!.message).toContain('it came back with another link type');
      expect(told).toEqual([`${pair.far} gone`, `${pair.far} failed`]);
    } finally {
      await output('ip', ['link', 'delete', pair.far]);
    }
  });
});
