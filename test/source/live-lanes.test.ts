// A capture in several threads, each with a ring of its own: every packet is in one of them, and a flow, there and back, in
// one and the same, in order. Whatever ends one thread ends all.

import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { core } from '../../src/native/core.js';
import { openLive } from '../../src/source/live.js';
import { flowFrame, flowPlaceOf } from '../support/flow-packets.js';
import { startLive } from '../support/live-capture.js';
import { makeTestRing, type TestRing } from '../support/test-ring.js';
import { savefileOf, udpSavefile } from '../support/udp-savefile.js';
import { until } from '../support/until.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const reasonToSkip = await whyNoVeth();
beforeEach((context) => {
  if (reasonToSkip) context.skip(reasonToSkip);
});

/** No more at once, or a veth loses some. */
const AT_ONCE = 1000;
const FLOWS = 2000;
const PACKETS_PER_FLOW = 4;

function published({ handle }: TestRing): number {
  return core()
    .ringCounters(handle)
    .reduce((sum, lane) => sum + lane.published, 0);
}

/** What there is of captures: this process's threads, and everybody's packet sockets on the device. */
function held(device: string) {
  const ifIndex = readFileSync(`/sys/class/net/${device}/ifindex`, 'utf8').trim();
  const rows = readFileSync('/proc/net/packet', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  const threads = readdirSync('/proc/self/task').filter((task) => commOf(task) === 'pkttap-capture');
  return { threads: threads.length, sockets: rows.filter((row) => row[4] === ifIndex).length };
}

/** A thread's name; one that has gone has none. */
function commOf(task: string): string {
  try {
    return readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

describe('a capture in four threads', () => {
  it('has each packet once, and each flow, there and back, in one lane and in order', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing({ lanes: 4 });
    await using capture = startLive(ring, [pair.far], { threads: 4 });
    let sent = 0;
    for (let number = 0; number < PACKETS_PER_FLOW; number++) {
      for (let first = 0; first < FLOWS; first += AT_ONCE) {
        const frames = Array.from({ length: AT_ONCE }, (_, i) => flowFrame({ flow: first + i, number }));
        await pair.send(savefileOf(frames), number % 2 === 0 ? pair.near : pair.far);
        sent += frames.length;
        await until(() => published(ring) === sent);
      }
    }
    expect(await capture.finish()).toEqual({ reason: 'stopped' });
    const lanes = ring.readLanes().map((packets) => packets.map(flowPlaceOf));
    expect(lanes.flat().length).toBe(FLOWS * PACKETS_PER_FLOW);
    const laneOf = new Map<number, number>();
    const next = new Array<number>(FLOWS).fill(0);
    for (const [lane, places] of lanes.entries()) {
      expect(places.length, `packets in lane ${lane}`).toBeGreaterThan(0);
      for (const { flow, number } of places) {
        expect(laneOf.get(flow) ?? lane, `lane of flow ${flow}`).toBe(lane);
        expect(number, `number of flow ${flow}`).toBe(next[flow]!++);
        laneOf.set(flow, lane);
      }
    }
    expect(laneOf.size).toBe(FLOWS);
    expect(capture.source.devices).toMatchObject([{ received: sent, kernelDropped: 0, interfaceDropped: 0 }]);
  });

  it('ends after as many packets as were asked for, over all threads', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing({ lanes: 4 });
    await using capture = startLive(ring, [pair.far], { threads: 4, limit: 777 });
    await pair.send(udpSavefile(900).path);
    expect(await capture.ended).toEqual({ reason: 'finished' });
    expect(published(ring)).toBe(777);
    expect(ring.read().length).toBe(777);
  });

  it('ends in all of them when the device is removed, after its last packets, with an error that names it', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing({ lanes: 4 });
    await using capture = startLive(ring, [pair.far], { threads: 4, timeoutMs: 1000 });
    using witnessed = makeTestRing();
    await using witness = startLive(witnessed, [pair.far]);
    await pair.send(udpSavefile(200).path);
    await until(() => published(witnessed) === 200);
    await pair.delete();
    const { reason, error } = await capture.ended;
    await witness.ended;
    expect(reason).toBe('failed');
    expect(error).toMatchObject({ code: 'ERR_TAP_DEVICE_GONE', device: pair.far });
    expect(published(ring)).toBe(200);
  });

  it('takes its packets from several devices, whose interfaces are the same in each lane', async () => {
    await using one = await makeVethPair();
    await using two = await makeVethPair();
    using ring = makeTestRing({ lanes: 2 });
    const there = udpSavefile(300, { ports: [1111] });
    const back = udpSavefile(400, { ports: [2222] });
    await using capture = startLive(ring, [one.far, two.far], { threads: 2 });
    await Promise.all([one.send(there.path), two.send(back.path)]);
    await until(() => published(ring) === 700);
    await capture.finish();
    for (const packets of ring.readLanes()) {
      const of = (device: string) => packets.filter((packet) => packet.interface.name === device);
      expect(new Set(of(one.far).map((packet) => [packet.interfaceIndex, packet.u16(36)].join()))).toEqual(
        new Set(['0,1111']),
      );
      expect(new Set(of(two.far).map((packet) => [packet.interfaceIndex, packet.u16(36)].join()))).toEqual(
        new Set(['1,2222']),
      );
    }
    expect(capture.source.devices).toMatchObject([{ received: 300 }, { received: 400 }]);
  });

  it('exchanges the filter of all threads at once', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing({ lanes: 4 });
    await using capture = startLive(ring, [pair.far], { threads: 4, filter: 'udp port 1111' });
    const sent = udpSavefile(900, { ports: [1111, 2222, 2222] });
    await pair.send(sent.path);
    await until(() => published(ring) === 300);
    await capture.source.setFilter('udp port 2222');
    await pair.send(sent.path);
    await until(() => published(ring) === 900);
    await expect(capture.source.setFilter('no filter')).rejects.toMatchObject({ code: 'ERR_TAP_BAD_FILTER' });
    await capture.finish();
    const packets = ring.read();
    const of = (filter: string) => packets.filter((packet) => packet.interface.filter === filter);
    expect(of('udp port 1111').map((packet) => packet.u16(36))).toEqual(Array(300).fill(1111));
    expect(of('udp port 2222').map((packet) => packet.u16(36))).toEqual(Array(600).fill(2222));
  });

  it('leaves no thread and no descriptor behind', async () => {
    await using pair = await makeVethPair();
    const before = { threads: 0, sockets: 0 };
    // Those of the tests before this one go at their own pace.
    await until(() => held(pair.far).threads === 0);
    expect(held(pair.far)).toEqual(before);
    openLive([pair.far], { threads: 16 }).close();
    expect(held(pair.far)).toEqual(before);
    using ring = makeTestRing({ lanes: 3 });
    await using capture = startLive(ring, [pair.far], { threads: 3 });
    await until(() => held(pair.far).threads === 3);
    expect(held(pair.far).sockets).toBe(3);
    await capture.finish();
    await until(() => held(pair.far).threads === 0);
    expect(held(pair.far)).toEqual(before);
  });
});

describe('two captures in several threads each', () => {
  it('have each packet each: nobody takes another’s', async () => {
    await using pair = await makeVethPair();
    using one = makeTestRing({ lanes: 2 });
    using other = makeTestRing({ lanes: 3 });
    await using first = startLive(one, [pair.far], { threads: 2 });
    await using second = startLive(other, [pair.far], { threads: 3 });
    await pair.send(udpSavefile(800).path);
    await until(() => published(one) === 800 && published(other) === 800);
    await Promise.all([first.finish(), second.finish()]);
    expect([one.read().length, other.read().length]).toEqual([800, 800]);
  });
});

it.each([0, 17, 1.5])('a capture in %s threads is refused', (threads) => {
  expect(() => openLive(['lo'], { threads })).toThrow(RangeError);
});
