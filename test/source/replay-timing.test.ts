// When a replay's packets come, and which time they carry. Time is asserted from below only: a busy machine is late, but a
// replay that keeps to its plan is never early.

import { describe, expect, it } from 'vitest';
import { type ReplayOptions, ReplaySource } from '../../src/source/replay.js';
import { everyMs, startReplay, timedSavefile } from '../support/replayed.js';
import { makeTestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

const TOP: ReplayOptions = { pace: { kind: 'topspeed' } };

/** A replay to its end: how it went, its packets, and how long it took. */
async function replay(paths: readonly string[], options: ReplayOptions) {
  using ring = makeTestRing({ capacity: 1 << 20 });
  const startedMs = performance.now();
  await using running = startReplay(ring, paths, options);
  const end = await running.ended;
  const tookMs = performance.now() - startedMs;
  const packets = ring.read();
  return {
    end,
    packets,
    timesMs: packets.map(({ tsNs }) => Number(tsNs) / 1e6),
    tookMs,
    result: running.source.result,
  };
}

// A thread may sleep a little less than it asked for packets that are due together; see Gate::is_open.
const EARLY_MS = 0.1;

describe('the pace of a replay', () => {
  it.each<[string, ReplayOptions, number]>([
    ['a rate of packets', { pace: { kind: 'pps', rate: 1000 } }, 199],
    ['a rate of bits, of what the packets were on the wire', { pace: { kind: 'mbps', rate: 0.008 } }, 199],
    ['the recorded times', {}, 199],
    ['the recorded times, twice as fast', { pace: { kind: 'original', multiplier: 2 } }, 99.5],
  ])('is never ahead of its plan: %s', async (_, options, planMs) => {
    const { packets, tookMs, end } = await replay([timedSavefile(...everyMs(200))], options);
    expect(end).toEqual({ reason: 'finished' });
    expect(packets).toHaveLength(200);
    expect(tookMs).toBeGreaterThanOrEqual(planMs - EARLY_MS);
  });

  it('waits no longer for a packet than it may', async () => {
    const path = timedSavefile(0, 3_600_000, 7_200_000);
    const { packets, tookMs } = await replay([path], { maxSleepMs: 40 });
    expect(packets).toHaveLength(3);
    expect(tookMs).toBeGreaterThanOrEqual(80 - EARLY_MS);
  });

  it.each<[string, ReplayOptions, number]>([
    ['at top speed', TOP, 200],
    ['as recorded', {}, 200 + 3 * 9],
  ])('has a delay between loops, and none behind the last: %s', async (_, options, planMs) => {
    const { packets, tookMs, result } = await replay([timedSavefile(...everyMs(10))], {
      ...options,
      loops: 3,
      loopDelayMs: 100,
    });
    expect(packets).toHaveLength(30);
    expect(result.loops).toBe(3);
    expect(tookMs).toBeGreaterThanOrEqual(planMs - EARLY_MS);
  });

  it('ends a loop over files of which no packet passes the filter', async () => {
    const { end, packets } = await replay([timedSavefile(...everyMs(10))], {
      ...TOP,
      loops: 0,
      filter: 'greater 1000',
    });
    expect(end).toEqual({ reason: 'finished' });
    expect(packets).toEqual([]);
  });
});

describe('the duration of a replay', () => {
  it('lets nothing pass that is due later', async () => {
    const pace = { kind: 'pps', rate: 1000 } as const;
    const { end, packets } = await replay([timedSavefile(...everyMs(500))], { pace, durationMs: 120 });
    expect(end).toEqual({ reason: 'stopped' });
    // None, if the time was over before the replay had a processor.
    expect(packets.map(({ data }) => data[0])).toEqual(everyMs(packets.length));
    expect(packets.length).toBeLessThanOrEqual(120);
  });

  it('ends a replay at top speed', async () => {
    const { end, tookMs } = await replay([timedSavefile(...everyMs(5))], { ...TOP, loops: 0, durationMs: 50 });
    expect(end).toEqual({ reason: 'stopped' });
    expect(tookMs).toBeGreaterThanOrEqual(50);
  });

  it('ends a replay that a consumer holds up', async () => {
    using ring = makeTestRing({ capacity: 1 << 20, lossless: true });
    await using running = startReplay(ring, [timedSavefile(...everyMs(1000))], { ...TOP, loops: 0, durationMs: 50 });
    expect(await running.ended).toEqual({ reason: 'stopped' });
  });

  it('ends a replay that waits for a file', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    // The time of a pause doesn't count: so it is not over before the file has been read.
    const options = { ...TOP, follow: true, durationMs: 20 };
    await using running = startReplay(ring, [timedSavefile(1)], options, ({ control }) => control.step(1));
    await until(() => ring.counters.published === 1);
    running.source.control.resume();
    expect(await running.ended).toEqual({ reason: 'stopped' });
    expect(ring.read()).toHaveLength(1);
  });
});

describe('the timestamps of a replay', () => {
  it('are those of the file unless something else is asked for', async () => {
    expect((await replay([timedSavefile(5, 7)], TOP)).timesMs).toEqual([5, 7]);
  });

  it('can be moved to the present, with the gaps as recorded', async () => {
    const beforeMs = Date.now();
    const { timesMs } = await replay([timedSavefile(500, 1700, 1600, 2000)], { ...TOP, timestamps: 'shift' });
    expect(timesMs[0]).toBeGreaterThanOrEqual(beforeMs);
    expect(timesMs[0]).toBeLessThanOrEqual(Date.now() + 1);
    expect(timesMs.map((time) => Math.round(time - timesMs[0]!))).toEqual([0, 1200, 1100, 1500]);
  });

  it('go on from file to file and from loop to loop when they are moved, and never back', async () => {
    const paths = [timedSavefile(100_000, 100_300), timedSavefile(7, 9)];
    const { timesMs } = await replay(paths, { ...TOP, timestamps: 'shift', loops: 2, loopDelayMs: 50 });
    expect(timesMs.map((time) => Math.round(time - timesMs[0]!))).toEqual([0, 300, 300, 302, 352, 652, 652, 654]);
  });

  it('can be those of publication, and the interface says that we made them', async () => {
    using ring = makeTestRing({ capacity: 1 << 20 });
    const beforeMs = Date.now();
    await using running = startReplay(ring, [timedSavefile(500, 499, 498)], { ...TOP, timestamps: 'now' });
    await running.ended;
    const times = ring.read().map(({ tsNs }) => Number(tsNs) / 1e6);
    expect(times).toHaveLength(3);
    expect(times.every((time) => time >= beforeMs && time <= Date.now() + 1)).toBe(true);
    expect(ring.interfaces).toMatchObject([{ timestampSource: 'userspace' }]);
  });
});

describe('options that make no sense', () => {
  it.each<[string, ReplayOptions]>([
    ['no pace at all', { pace: { kind: 'pps', rate: 0 } }],
    ['an endless rate', { pace: { kind: 'mbps', rate: Number.POSITIVE_INFINITY } }],
    ['a negative longest gap', { maxSleepMs: -1 }],
    ['a delay that is no number', { loopDelayMs: Number.NaN }],
    ['a duration longer than a timer can wait', { durationMs: 2 ** 31 }],
  ])('are refused before anything is read: %s', (_, options) => {
    expect(() => new ReplaySource(['x.pcap'], options)).toThrow(RangeError);
  });
});
