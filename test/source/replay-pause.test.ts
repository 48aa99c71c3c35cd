// A replay that is paused stands still, a step lets exactly so many packets through, and it goes on as if nothing had been.

import { describe, expect, it } from 'vitest';
import { everyMs, startReplay, timedSavefile } from '../support/replayed.js';
import { makeTestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

const TOP = { pace: { kind: 'topspeed' } } as const;
const PPS_100 = { pace: { kind: 'pps', rate: 100 } } as const;

// A thread may sleep a little less than it asked for packets that are due together; see Gate::is_open.
const EARLY_MS = 0.1;

describe('a replay that is paused before it starts', () => {
  it('lets through exactly as many packets as it is stepped by', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    await using replay = startReplay(ring, [timedSavefile(...everyMs(20))], TOP, ({ control }) => control.pause());
    const { control } = replay.source;
    for (const [packets, sum] of [
      [1, 1],
      [3, 4],
      [10, 14],
    ] as const) {
      control.step(packets);
      await until(() => ring.counters.published === sum);
      expect(control.paused).toBe(true);
    }
    control.resume();
    expect(await replay.ended).toEqual({ reason: 'finished' });
    expect(ring.read().map(({ data }) => data[0])).toEqual(everyMs(20));
    expect(control.paused).toBe(false);
  });

  it('takes the steps that it was told before', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    await using replay = startReplay(ring, [timedSavefile(...everyMs(20))], TOP, ({ control }) => control.step(7));
    await until(() => ring.counters.published === 7);
    expect(replay.source.control.paused).toBe(true);
  });

  it('steps to packets that are not due for an hour', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    const path = timedSavefile(0, 3_600_000, 7_200_000);
    await using replay = startReplay(ring, [path], {}, ({ control }) => control.pause());
    replay.source.control.step(3);
    expect(await replay.ended).toEqual({ reason: 'finished' });
    expect(ring.counters.published).toBe(3);
  });

  it('goes on at its pace from the packet it was stepped to', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    const path = timedSavefile(0, 3_600_000, 3_600_010);
    await using replay = startReplay(ring, [path], {}, ({ control }) => control.pause());
    replay.source.control.step(2);
    await until(() => ring.counters.published === 2);
    replay.source.control.resume();
    expect(await replay.ended).toEqual({ reason: 'finished' });
    expect(ring.counters.published).toBe(3);
  });

  it('can be stopped', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    await using replay = startReplay(ring, [timedSavefile(1)], TOP, ({ control }) => control.pause());
    replay.source.stop();
    expect(await replay.ended).toEqual({ reason: 'stopped' });
    expect(ring.counters.published).toBe(0);
  });

  it('starts like any other if it was resumed before', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    await using replay = startReplay(ring, [timedSavefile(1)], TOP, ({ control }) => {
      control.pause();
      control.resume();
    });
    expect(await replay.ended).toEqual({ reason: 'finished' });
  });
});

describe('a replay that is paused', () => {
  it('sends what was due meanwhile at its pace, not in a burst', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    const startedMs = performance.now();
    const path = timedSavefile(...everyMs(60));
    await using replay = startReplay(ring, [path], PPS_100, ({ control }) => control.step(5));
    // That it stands still is certain now: it has taken its steps.
    await until(() => ring.counters.published === 5);
    const runMs = performance.now() - startedMs;
    await until(() => performance.now() - startedMs > 700);
    const resumedMs = performance.now();
    replay.source.control.resume();
    expect(await replay.ended).toEqual({ reason: 'finished' });
    // Of the plan, no more can have passed than before it stood still. In a burst they would take no time at all.
    expect(performance.now() - resumedMs).toBeGreaterThanOrEqual(590 - Math.max(runMs, 40) - EARLY_MS);
  });
});

describe('a replay that is paused while it runs', () => {
  it('ends a loop later on, with every packet', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    await using replay = startReplay(ring, [timedSavefile(...everyMs(10))], { ...PPS_100, loops: 2 });
    await until(() => ring.counters.published >= 8);
    replay.source.control.pause();
    replay.source.control.step(3);
    replay.source.control.resume();
    expect(await replay.ended).toEqual({ reason: 'finished' });
    expect(ring.counters.published).toBe(20);
  });
});

describe('the control of a replay', () => {
  it('refuses a number of steps that makes no sense', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    await using replay = startReplay(ring, [timedSavefile(1)], TOP);
    for (const packets of [0, -1, 1.5, Number.NaN])
      expect(() => replay.source.control.step(packets)).toThrow(RangeError);
  });

  it('does nothing after the end', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    await using replay = startReplay(ring, [timedSavefile(1)], TOP);
    await replay.ended;
    const { control } = replay.source;
    control.pause();
    expect(control.paused).toBe(false);
    control.step(1);
    control.resume();
    expect(ring.counters.published).toBe(1);
  });
});
