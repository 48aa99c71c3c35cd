// Taps and consumers as processes that are slow, stopped and killed in the middle of what they do: what a lossless tap waits
// for, what a lossy one doesn't, and that nobody's death costs anybody else a packet.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attach } from '../../src/consumer/attach.js';
import { makeTapFolder, type Running, type TapFolder } from '../support/pkttap.js';
import { connectRaw, HELLO } from '../support/raw-peer.js';
import { balanceOf, numberedSavefile, openTap, RINGFUL, range, sequencesOf } from '../support/taps.js';
import { until } from '../support/until.js';

const CONSUME = join(import.meta.dirname, '../programs/consume.js');
const RUN_TAP = join(import.meta.dirname, '../programs/run-tap.js');
const TOTAL = 6 * RINGFUL;

/** What consume.js says last. */
interface Report {
  /** The number of the first packet. */
  readonly first?: number;
  readonly read: number;
  readonly wrong: number;
  readonly delivered: number;
  readonly missed: number;
  readonly lag: number;
  readonly published: number;
  readonly end?: string;
  readonly code?: string;
}

function consume(folder: TapFolder, options: object = {}): Running {
  return folder.spawn('node', [CONSUME, 't', JSON.stringify(options)]);
}

async function reportOf(consumer: Running): Promise<Report> {
  const { stdout, stderr } = await consumer.ended;
  expect(stderr).toBe('');
  return JSON.parse(stdout.toString().trim().split('\n').at(-1)!) as Report;
}

const goOn = (consumer: Running) => void consumer.stdin.write('\n');

describe('a lossless tap', () => {
  it('waits for a slow consumer, not for a dead one, and lets a late one in', async () => {
    const folder = makeTapFolder();
    const { tap } = openTap({ directory: folder.taps, packets: TOTAL });
    const steady = consume(folder, { name: 'steady' });
    const slow = consume(folder, { holdAfter: 500 });
    const dying = consume(folder, { holdAfter: 500 });
    await tap.waitForConsumers(3);
    tap.start();
    await Promise.all([slow.printed('holding'), dying.printed('holding')]);
    dying.signal('SIGKILL');
    await until(() => tap.stats().consumers.length === 2);
    await until(() => tap.stats().consumers.find(({ name }) => name === 'steady')?.lag === 0);
    // Nothing beyond one ring from where the slow one stands.
    expect(tap.stats().published).toBeLessThan(500 + RINGFUL);
    const publishedBefore = tap.stats().published;
    const late = consume(folder);
    await tap.waitForConsumers(3);
    goOn(slow);

    const all = { read: TOTAL, wrong: 0, delivered: TOTAL, missed: 0, lag: 0, end: 'finished' };
    expect(await reportOf(steady)).toMatchObject(all);
    expect(await reportOf(slow)).toMatchObject(all);
    const report = await reportOf(late);
    expect(report).toMatchObject({ wrong: 0, missed: 0, lag: 0, end: 'finished' });
    expect(report.first).toBeGreaterThanOrEqual(publishedBefore);
    expect(report.read).toBe(TOTAL - report.first!);
    expect((await dying.ended).status).toBeNull();
  });

  it('makes a consumer lossy that is stopped for too long, which then learns exactly what it missed', async () => {
    const folder = makeTapFolder();
    const { tap } = openTap({ directory: folder.taps, packets: TOTAL, stallTimeoutMs: 20 });
    const stopped = consume(folder, { holdAfter: 500 });
    await tap.waitForConsumers(1);
    tap.start();
    await stopped.printed('holding');
    stopped.signal('SIGSTOP');
    await tap.ended;
    expect(tap.stats()).toMatchObject({ published: TOTAL, consumers: [{ policy: 'lossy' }] });
    stopped.signal('SIGCONT');
    goOn(stopped);
    const report = await reportOf(stopped);
    expect(report).toMatchObject({ wrong: 0, lag: 0, published: TOTAL, end: 'finished', delivered: report.read });
    expect(report.missed).toBeGreaterThan(0);
    expect(report.delivered + report.missed).toBe(TOTAL);
  });

  it('tells a consumer that it was made lossy', async () => {
    const { tap } = openTap({ packets: 2 * RINGFUL, stallTimeoutMs: 20 });
    const peer = connectRaw(tap.path);
    peer.say({ ...HELLO, policy: 'lossless' });
    expect((await peer.hear())?.message).toMatchObject({ type: 'welcome', session: { policy: 'lossless' } });
    tap.start();
    expect((await peer.hear())?.message).toMatchObject({ type: 'notice', kind: 'made-lossy' });
    expect((await peer.hear())?.message).toMatchObject({ type: 'bye', reason: 'finished' });
  });
});

describe('a lossy tap', () => {
  it('waits for nobody: a consumer that was stopped learns exactly what it missed', async () => {
    const folder = makeTapFolder();
    const { tap } = openTap({ directory: folder.taps, packets: TOTAL, defaultPolicy: 'lossy' });
    const stopped = consume(folder, { holdAfter: 500 });
    await tap.waitForConsumers(1);
    tap.start();
    await stopped.printed('holding');
    stopped.signal('SIGSTOP');
    await tap.ended;
    stopped.signal('SIGCONT');
    goOn(stopped);
    const report = await reportOf(stopped);
    expect(report).toMatchObject({ wrong: 0, lag: 0, published: TOTAL, end: 'finished', delivered: report.read });
    expect(report.missed).toBeGreaterThan(0);
    expect(report.delivered + report.missed).toBe(TOTAL);
  });
});

describe('a tap that is killed', () => {
  it('leaves consumers all that it had published, then an error that says so, and its name', async () => {
    const folder = makeTapFolder();
    const file = numberedSavefile(TOTAL);
    const killed = folder.spawn('node', [RUN_TAP, 't', file, JSON.stringify({ loops: 0, waitFor: 2 })]);
    await killed.printed('open');
    const reading = await attach('t', { directory: folder.taps });
    const standing = await attach('t', { directory: folder.taps });
    const [first] = (await reading.receivePackets(1))!;
    expect(first!.sequence).toBe(0n);
    killed.signal('SIGKILL');
    await killed.ended;
    for (const consumer of [standing, reading]) {
      await expect(sequencesOf(consumer)).rejects.toMatchObject({ code: 'ERR_TAP_DIED', tap: 't' });
      expect(balanceOf(consumer)).toMatchObject({ missed: 0, lag: 0 });
      expect(consumer.end).toBeUndefined();
      consumer.close();
    }
    const { tap, attach: attachHere } = openTap({ directory: folder.taps });
    const next = await attachHere();
    tap.start();
    expect(await sequencesOf(next)).toEqual(range(0, 100));
  });

  it('wakes a consumer that sleeps', async () => {
    const folder = makeTapFolder();
    const killed = folder.spawn('node', [RUN_TAP, 't', numberedSavefile(1), JSON.stringify({ waitFor: 99 })]);
    await killed.printed('open');
    using consumer = await attach('t', { directory: folder.taps });
    const receiving = consumer.receivePackets(1);
    killed.signal('SIGKILL');
    await expect(receiving).rejects.toMatchObject({ code: 'ERR_TAP_DIED' });
    await killed.ended;
    await expect(attach('t', { directory: folder.taps })).rejects.toMatchObject({
      code: 'ERR_TAP_UNKNOWN_TAP',
      errno: 'ECONNREFUSED',
    });
  });
});
