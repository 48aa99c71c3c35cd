// A tap of four lanes, filled by four capture threads: to its consumers it is one tap. Whatever they do, early, late, slow,
// dead or hostile, each sees each packet once, each flow in order, and counts that add up over the lanes.

import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type AttachOptions, attach } from '../../src/consumer/attach.js';
import type { Consumer } from '../../src/consumer/consumer.js';
import { core } from '../../src/native/core.js';
import { CursorField } from '../../src/ring/layout.js';
import { openLive } from '../../src/source/live.js';
import { Tap, type TapOptions } from '../../src/tap/tap.js';
import { type FlowPlace, flowFrame, flowPlaceOf } from '../support/flow-packets.js';
import { startLive } from '../support/live-capture.js';
import { MIB } from '../support/numbered-packets.js';
import { makeTapFolder } from '../support/pkttap.js';
import { connectRaw, HELLO } from '../support/raw-peer.js';
import { balanceOf, openFds } from '../support/taps.js';
import { makeTestRing } from '../support/test-ring.js';
import { savefileOf } from '../support/udp-savefile.js';
import { until } from '../support/until.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const reasonToSkip = await whyNoVeth();
beforeEach((context) => {
  if (reasonToSkip) context.skip(reasonToSkip);
});

const LANES = 4;
/** Sent at once; a veth loses some of more than 1000. */
const FLOWS = 500;
/** Makes a packet so large that FLOWS of them fill a good part of the rings. */
const PADDING = 1200;

/** A tap called `t`, over a cable of its own. */
async function openTap(options: Partial<TapOptions> = {}) {
  const folder = makeTapFolder();
  const pair = await makeVethPair();
  onTestFinished(() => pair.delete());
  const source = openLive([pair.far], { threads: LANES, timeoutMs: 5 });
  const tap = Tap.open({ name: 't', source, directory: folder.taps, ringBytes: MIB, ...options });
  onTestFinished(() => tap.close());
  const arrived = witness(pair.far);
  let rounds = 0;
  let sent = 0;
  return {
    tap,
    folder,
    attach: async (more: AttachOptions = {}) => {
      const consumer = await attach('t', { directory: folder.taps, ...more });
      onTestFinished(() => consumer.close());
      return consumer;
    },
    /** Sends the next packets of each flow; resolves when they are published, or, if the tap may wait, have arrived. */
    async send(times = 1, isPublished = true) {
      for (let i = 0; i < times; i++, rounds++) {
        const frames = Array.from({ length: FLOWS }, (_, flow) => padded(flowFrame({ flow, number: rounds })));
        await pair.send(savefileOf(frames), rounds % 2 === 0 ? pair.near : pair.far);
        sent += FLOWS;
        await until(() => arrived() === sent);
      }
      if (isPublished) await until(() => tap.stats().published === sent);
      return sent;
    },
  };
}

/** Counts what arrives at a device, by a capture that waits for nobody. */
function witness(device: string): () => number {
  const ring = makeTestRing({ capacity: MIB });
  const capture = startLive(ring, [device], { timeoutMs: 5 });
  onTestFinished(async () => {
    await capture.finish();
    ring[Symbol.dispose]();
  });
  return () => ring.counters.published;
}

/** The frame's last eight bytes stay its last. */
function padded(frame: Uint8Array): Uint8Array {
  return Uint8Array.from([...frame.subarray(0, -8), ...new Uint8Array(PADDING), ...frame.subarray(-8)]);
}

/** Reads up to `count` packets. Throws what the consumer throws. */
async function read(consumer: Consumer, count: number): Promise<FlowPlace[]> {
  const places: FlowPlace[] = [];
  while (places.length < count) {
    const batch = await consumer.receivePackets(count - places.length);
    if (batch === null) break;
    for (const packet of batch) places.push(flowPlaceOf(packet));
  }
  return places;
}

/** Reads what is there. */
async function readNow(consumer: Consumer): Promise<FlowPlace[]> {
  const places: FlowPlace[] = [];
  while (consumer.counters().lag > 0) {
    const batch = await consumer.receivePackets(Number.MAX_SAFE_INTEGER, { maxWaitMs: 0 });
    for (const packet of batch ?? []) places.push(flowPlaceOf(packet));
  }
  return places;
}

/** Fails unless each flow has each of these numbers once, in order. */
function expectFlows(places: readonly FlowPlace[], numbers: readonly number[]): void {
  expect(places.length).toBe(FLOWS * numbers.length);
  const seen = Array.from({ length: FLOWS }, () => [] as number[]);
  for (const { flow, number } of places) seen[flow]!.push(number);
  for (const [flow, each] of seen.entries()) expect(each, `flow ${flow}`).toEqual(numbers);
}

/** Bytes that this process has mapped of rings and cursors. */
function mappings(): number {
  return readFileSync('/proc/self/maps', 'utf8').split('memfd:pkttap').length - 1;
}

describe('a consumer of four lanes', () => {
  it('gets each packet once and each flow in order, and sleeps until any lane has more', async () => {
    const { tap, attach, send } = await openTap();
    const consumer = await attach();
    tap.start();
    const reading = read(consumer, 4 * FLOWS);
    await send(4);
    expectFlows(await reading, [0, 1, 2, 3]);
    expect(consumer.interfaces.length).toBe(1);
    tap.stop();
    expect(await consumer.receivePackets(1)).toBeNull();
    expect(balanceOf(consumer)).toMatchObject({ delivered: 4 * FLOWS, missed: 0, lag: 0, overwritten: 0 });
    expect(consumer.end).toEqual({ reason: 'stopped' });
    expect(tap.stats()).toMatchObject({ lanes: LANES, ringBytes: MIB, received: 4 * FLOWS, kernelDropped: 0 });
  });

  it('is one member of a group, and its flows of all lanes go to the others when it leaves', async () => {
    const { tap, attach, send } = await openTap();
    const members = [await attach({ share: 'g' }), await attach({ share: 'g' }), await attach({ share: 'g' })];
    tap.start();
    await send();
    const before = (await Promise.all(members.map(readNow))).flat();
    expectFlows(before, [0]);
    await send();
    members[0]!.close();
    await until(() => tap.stats().consumers.length === 2);
    const { handedOver, handOverUnknown } = tap.stats();
    await send();
    const after = (await Promise.all(members.slice(1).map(readNow))).flat();
    expectFlows(
      after.filter(({ number }) => number === 2),
      [2],
    );
    expect(handedOver).toBe(FLOWS - after.filter(({ number }) => number === 1).length);
    expect(handedOver).toBeGreaterThan(0);
    expect(handOverUnknown).toBe(0);
  });

  it('goes on in each lane where another one was', async () => {
    const { tap, attach, send } = await openTap();
    const first = await attach();
    tap.start();
    await send(2);
    const before = await read(first, 700);
    first.close();
    await send();
    const second = await attach({ resume: first.resumeToken });
    expect(second.resumed).toBe(true);
    expectFlows([...before, ...(await readNow(second))], [0, 1, 2]);
    expect(balanceOf(second, 700)).toMatchObject({ delivered: 3 * FLOWS - 700, missed: 0, gaps: 0 });
  });

  it('that comes late begins at the next packet of each lane, or at the oldest', async () => {
    const { tap, attach, send } = await openTap();
    tap.start();
    await send(2);
    const late = await attach();
    const oldest = await attach({ start: 'oldest' });
    await send();
    expectFlows(await read(late, FLOWS), [2]);
    expectFlows(await read(oldest, 3 * FLOWS), [0, 1, 2]);
    tap.stop();
    expect([await late.receivePackets(1), await oldest.receivePackets(1)]).toEqual([null, null]);
    expect(balanceOf(late, 2 * FLOWS)).toMatchObject({ delivered: FLOWS, missed: 0, lag: 0 });
    expect(tap.stats().consumers.map(({ delivered, lag }) => [delivered, lag])).toEqual([
      [FLOWS, 0],
      [3 * FLOWS, 0],
    ]);
  });

  it('that is lossless is waited for by every lane, and misses nothing', async () => {
    const { tap, attach, send } = await openTap({ defaultPolicy: 'lossless' });
    const slow = await attach();
    const quick = await attach();
    tap.start();
    const quickly = read(quick, 16 * FLOWS);
    // Twice as much as the rings hold: the rest waits in the kernel's buffers.
    await send(16, false);
    await until(() => tap.stats().consumers.find(({ id }) => id === 2)?.lag === 0 && tap.stats().published > 0);
    expect(tap.stats().published).toBeLessThan(16 * FLOWS);
    const numbers = Array.from({ length: 16 }, (_, number) => number);
    expectFlows(await read(slow, 16 * FLOWS), numbers);
    expectFlows(await quickly, numbers);
    tap.stop();
    for (const consumer of [slow, quick]) {
      expect(await consumer.receivePackets(1)).toBeNull();
      expect(balanceOf(consumer)).toMatchObject({ delivered: 16 * FLOWS, missed: 0, lag: 0 });
    }
    expect(tap.stats().kernelDropped).toBe(0);
  });

  it('that stands still is made lossy in all lanes, and learns exactly what it missed', async () => {
    const { tap, attach, send } = await openTap({ defaultPolicy: 'lossless', stallTimeoutMs: 20 });
    const consumer = await attach();
    tap.start();
    const sent = await send(16);
    await until(() => consumer.policy === 'lossy');
    expect(tap.stats().consumers).toMatchObject([{ policy: 'lossy' }]);
    tap.stop();
    await tap.ended;
    const places = await read(consumer, sent);
    const { delivered, missed } = balanceOf(consumer);
    expect(missed).toBeGreaterThan(0);
    expect([delivered, delivered + missed]).toEqual([places.length, sent]);
  });

  it('that is killed while the tap waits for it costs the others nothing', async () => {
    const { tap, folder, attach, send } = await openTap({ defaultPolicy: 'lossless' });
    const steady = await attach();
    const dying = folder.spawn('pkttap', ['attach', 't', '-w', '/dev/null']);
    await tap.waitForConsumers(2);
    dying.signal('SIGSTOP');
    tap.start();
    const reading = read(steady, 16 * FLOWS);
    await send(16, false);
    dying.signal('SIGKILL');
    await dying.ended;
    expectFlows(
      await reading,
      Array.from({ length: 16 }, (_, number) => number),
    );
    await until(() => tap.stats().consumers.length === 1);
  });

  it.each(['lossless', 'lossy'] as const)('that cheats in one lane is evicted from all, when %s', async (policy) => {
    const { tap, attach, send } = await openTap({ defaultPolicy: 'lossless' });
    const honest = await attach();
    tap.start();
    const peer = connectRaw(tap.path);
    peer.say({ ...HELLO, policy });
    const { fds } = (await peer.hear())!;
    expect(fds.length).toBe(2 * LANES);
    const mapping = core().mapCursor(fds[2 * LANES - 1]!);
    new BigUint64Array(mapping.buffer)[CursorField.position / 8] = 1n << 40n;
    const reading = read(honest, FLOWS);
    await send();
    expectFlows(await reading, [0]);
    expect((await peer.hear())?.message).toMatchObject({ type: 'bye', reason: 'evicted' });
    mapping.unmap();
    await until(() => tap.stats().consumers.length === 1);
  });
});

describe('a tap of four lanes', () => {
  it('has as many descriptors and mappings after 50 consumers as before', async () => {
    const { tap, folder } = await openTap();
    tap.start();
    const before = { fds: openFds(), mappings: mappings() };
    for (let i = 0; i < 50; i++) {
      const consumer = await attach('t', { directory: folder.taps });
      expect(mappings()).toBeGreaterThan(before.mappings);
      consumer.close();
      await until(() => tap.stats().consumers.length === 0);
    }
    // Its threads open a file now and then, for what the devices have counted.
    await until(() => openFds() <= before.fds && mappings() <= before.mappings);
  });
});
