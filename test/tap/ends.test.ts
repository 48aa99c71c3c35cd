// How a stream ends, as its consumers see it: each way is told from every other, after every packet was handed out.

import { describe, expect, it } from 'vitest';
import { attach } from '../../src/consumer/attach.js';
import { ClosedError, ProtocolError } from '../../src/errors.js';
import { ReplaySource } from '../../src/source/replay.js';
import { balanceOf, openTap, RINGFUL, range, sequencesOf, testFolder } from '../support/taps.js';
import { until } from '../support/until.js';

describe('a consumer', () => {
  it('gets every packet and learns that the source has finished', async () => {
    const { tap, attach } = openTap({ packets: 2 * RINGFUL });
    const consumer = await attach();
    tap.start();
    expect(await sequencesOf(consumer)).toEqual(range(0, 2 * RINGFUL));
    expect(consumer.end).toEqual({ reason: 'finished' });
    expect(balanceOf(consumer)).toMatchObject({ delivered: 2 * RINGFUL, missed: 0, lag: 0, overwritten: 0 });
    expect((await tap.ended).reason).toBe('finished');
    expect(await consumer.receivePackets(1)).toBeNull();
  });

  it('gets what was published and learns that the tap was told to stop', async () => {
    const { tap, attach } = openTap({ packets: RINGFUL, replay: { loops: 0 } });
    const consumer = await attach();
    tap.start();
    const sequences: number[] = [];
    for await (const batch of consumer) {
      for (const packet of batch) sequences.push(Number(packet.sequence));
      if (sequences.length > RINGFUL) tap.stop();
    }
    expect(consumer.end).toEqual({ reason: 'stopped' });
    const { stats, reason } = await tap.ended;
    expect(reason).toBe('stopped');
    expect(sequences).toEqual(range(0, stats.published));
  });

  it('learns that the tap stopped before it ever started', async () => {
    const { tap, attach } = openTap();
    const consumer = await attach();
    tap.stop();
    expect(await sequencesOf(consumer)).toEqual([]);
    expect(consumer.end).toEqual({ reason: 'stopped' });
    tap.start();
    expect(tap.stats()).toMatchObject({ state: 'ended', published: 0 });
  });

  it('gets the whole packets of a source that failed, then its error', async () => {
    const { tap, attach, directory } = openTap({ source: new ReplaySource(['/nonexistent.pcap']) });
    const consumer = await attach();
    tap.start();
    await expect(sequencesOf(consumer)).rejects.toMatchObject({ code: 'ERR_TAP_SOURCE_FAILED', tap: 't' });
    await expect(consumer.receivePackets(1)).rejects.toThrow('/nonexistent.pcap: no such file');
    expect(consumer.end).toBeUndefined();
    const { reason, error } = await tap.ended;
    expect([reason, error?.code]).toEqual(['failed', 'ERR_TAP_NO_FILE']);
    expect(directory).not.toBe('');
  });

  it('reads all that was published when the tap is closed, whenever it gets to it', async () => {
    const { tap, attach } = openTap({ packets: 3000 });
    const consumer = await attach();
    tap.start();
    await tap.ended;
    await tap.close();
    expect(await sequencesOf(consumer)).toEqual(range(0, 3000));
    expect(consumer.end).toEqual({ reason: 'finished' });
  });

  it('ends when it closes itself, wherever it is waiting, and refuses its views', async () => {
    const { tap, attach } = openTap({ replay: { pace: { kind: 'pps', rate: 0.001 } } });
    const consumer = await attach();
    tap.start();
    const batch = await consumer.receivePackets(10);
    const [packet] = batch!;
    const waiting = consumer.receivePackets(1);
    consumer.close();
    consumer.close();
    expect(await waiting).toBeNull();
    expect(consumer.end).toEqual({ reason: 'detached' });
    expect(() => packet!.caplen).toThrow(ClosedError);
    expect(balanceOf(consumer)).toMatchObject({ delivered: 1, missed: 0, lag: 0 });
    await until(() => tap.stats().consumers.length === 0);
  });

  it('is closed by `using` and `await using`', async () => {
    const { tap, directory } = openTap();
    {
      using first = await attach('t', { directory });
      await using second = await attach('t', { directory });
      expect(tap.stats().consumers.map(({ name }) => name)).toEqual([`pid:${process.pid}`, `pid:${process.pid}`]);
      expect([first.tap, second.tap]).toEqual(['t', 't']);
    }
    await until(() => tap.stats().consumers.length === 0);
  });

  it('goes on after a loop that was left', async () => {
    const { tap, attach } = openTap({ packets: 1000 });
    const consumer = await attach();
    tap.start();
    const sequences: number[] = [];
    for await (const batch of consumer) {
      for (const packet of batch) {
        sequences.push(Number(packet.sequence));
        if (sequences.length === 100) break;
      }
      if (sequences.length === 100) break;
    }
    expect([...sequences, ...(await sequencesOf(consumer))]).toEqual(range(0, 1000));
  });
});

describe('receivePackets', () => {
  it('gives at most as many as asked for, and waits only when there are none', async () => {
    const { tap, attach } = openTap({ packets: 100 });
    const consumer = await attach();
    tap.start();
    await tap.ended;
    const sizes: number[] = [];
    for (const max of [1, 64, 1000]) sizes.push([...(await consumer.receivePackets(max))!].length);
    expect(sizes).toEqual([1, 64, 35]);
    expect(await consumer.receivePackets(1)).toBeNull();
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a max of %d', async (max) => {
    const { attach } = openTap();
    const consumer = await attach();
    await expect(consumer.receivePackets(max)).rejects.toThrow(RangeError);
  });
});

describe('an AbortSignal', () => {
  const reason = new Error('enough');

  it('ends waiting for a tap that does not come', async () => {
    const controller = new AbortController();
    const attaching = attach('t', { directory: testFolder(), wait: true, signal: controller.signal });
    controller.abort(reason);
    await expect(attaching).rejects.toBe(reason);
  });

  it('ends an attach that was aborted before', async () => {
    const { attach } = openTap();
    await expect(attach({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('ends the iteration of the consumer that it was given to', async () => {
    const { attach } = openTap();
    const controller = new AbortController();
    const consumer = await attach({ signal: controller.signal });
    const reading = sequencesOf(consumer);
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await expect(consumer.receivePackets(1)).rejects.toBe(reason);
  });

  it('ends one receivePackets, and the next goes on', async () => {
    const { tap, attach } = openTap({ packets: 10 });
    const consumer = await attach();
    const controller = new AbortController();
    const receiving = consumer.receivePackets(5, { signal: controller.signal });
    controller.abort(reason);
    await expect(receiving).rejects.toBe(reason);
    tap.start();
    expect(await sequencesOf(consumer)).toEqual(range(0, 10));
  });

  it('ends waiting for consumers', async () => {
    const { tap, attach } = openTap();
    const controller = new AbortController();
    const aborted = tap.waitForConsumers(1, controller.signal);
    const patient = tap.waitForConsumers(1);
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await attach();
    expect(await patient).toBeUndefined();
  });
});

describe('attaching', () => {
  it('waits for a tap to come, if asked to', async () => {
    const folder = testFolder();
    const attaching = attach('t', { directory: folder, wait: true });
    const { tap } = openTap({ directory: folder });
    using consumer = await attaching;
    tap.start();
    expect(await sequencesOf(consumer)).toEqual(range(0, 100));
  });

  it('to a tap that is not there says how to find those that are', async () => {
    const attaching = attach('nobody', { directory: testFolder() });
    await expect(attaching).rejects.toMatchObject({ code: 'ERR_TAP_UNKNOWN_TAP', tap: 'nobody', errno: 'ENOENT' });
  });

  it.each(['', '.hidden', 'a b', 'x'.repeat(65)])('refuses the tap name %j', async (name) => {
    await expect(attach(name, { directory: testFolder() })).rejects.toThrow(RangeError);
  });

  it.each(['x'.repeat(65), 'red\u001b[31m', 'two\nlines'])('refuses the consumer name %j', async (name) => {
    const { attach } = openTap();
    await expect(attach({ name })).rejects.toThrow(RangeError);
  });

  it('begins at the next packet, or at the oldest one that is still there', async () => {
    const { tap, attach } = openTap({ packets: 2 * RINGFUL });
    tap.start();
    await tap.ended;
    const [now, oldest] = [await attach({ start: 'now' }), await attach({ start: 'oldest', policy: 'lossy' })];
    expect(await sequencesOf(now)).toEqual([]);
    const sequences = await sequencesOf(oldest);
    expect(sequences.length).toBeGreaterThan(RINGFUL * 0.8);
    expect(sequences).toEqual(range(2 * RINGFUL - sequences.length, 2 * RINGFUL));
    expect(balanceOf(now, 2 * RINGFUL)).toMatchObject({ delivered: 0, missed: 0, lag: 0 });
    expect(balanceOf(oldest, 2 * RINGFUL - sequences.length)).toMatchObject({ missed: 0, lag: 0 });
  });

  it('lossless is refused by a tap that waits for nobody', async () => {
    const { attach } = openTap({ defaultPolicy: 'lossy' });
    await expect(attach({ policy: 'lossless' })).rejects.toBeInstanceOf(ProtocolError);
    await expect(attach({ policy: 'lossless' })).rejects.toMatchObject({ code: 'ERR_TAP_REFUSED' });
    expect((await attach()).policy).toBe('lossy');
  });
});
