// A tap that runs for a year: consumers come and go without leaving a descriptor or a mapping behind.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attach } from '../../src/consumer/attach.js';
import { observe, tapStats } from '../../src/consumer/observe.js';
import { Tap } from '../../src/tap/tap.js';
import { openFds, openTap, RINGFUL, sequencesOf } from '../support/taps.js';
import { until } from '../support/until.js';

/** Bytes that this process has mapped of rings and cursors. */
function mappedBytes(): number {
  const lines = readFileSync('/proc/self/maps', 'utf8').split('\n');
  const sizes = lines.filter((line) => line.includes('memfd:pkttap')).map((line) => line.split(' ')[0]!.split('-'));
  return sizes.reduce((sum, [from, to]) => sum + Number.parseInt(to!, 16) - Number.parseInt(from!, 16), 0);
}

describe('a tap', () => {
  it('has as many descriptors and as much memory mapped after 200 consumers as before', async () => {
    const { tap, directory } = openTap({ packets: 10 });
    tap.start();
    await tap.ended;
    const before = { fds: openFds(), mapped: mappedBytes() };
    for (let i = 0; i < 200; i++) {
      const consumer = await attach('t', { directory, start: 'oldest' });
      expect((await sequencesOf(consumer)).length).toBe(10);
      consumer.close();
      await until(() => tap.stats().consumers.length === 0);
    }
    expect({ fds: openFds(), mapped: mappedBytes() }).toEqual(before);
  });

  it('that cannot have its name gives the memory back at once', () => {
    const { directory } = openTap();
    const before = { fds: openFds(), mapped: mappedBytes() };
    expect(() => openTap({ directory })).toThrow(`pid=${process.pid}`);
    expect({ fds: openFds(), mapped: mappedBytes() }).toEqual(before);
  });

  it('leaves nothing behind when it is closed', async () => {
    const before = { fds: openFds(), mapped: mappedBytes() };
    const { tap, attach: attachHere } = openTap();
    const consumer = await attachHere();
    tap.start();
    await sequencesOf(consumer);
    consumer.close();
    await tap.close();
    await tap.close();
    expect({ fds: openFds(), mapped: mappedBytes() }).toEqual(before);
    expect(tap.stats()).toMatchObject({ state: 'ended', published: 100 });
  });

  it.each([0, 1000, (1 << 20) - 1, 3 << 20, 1 << 31])('refuses a ring of %i bytes', (ringBytes) => {
    expect(() => openTap({ ringBytes })).toThrow(RangeError);
  });

  it.each(['', '-x', 'a/b', 'x'.repeat(65)])('refuses the name %j', (name) => {
    expect(() => openTap({ name })).toThrow(RangeError);
  });

  it('says which user or group does not exist', () => {
    expect(() => openTap({ allowUsers: ['no such user'] })).toThrow(/no such user: no such user/);
    expect(() => openTap({ group: 'no such group' })).toThrow(/no such group: no such group/);
    expect(() => openTap({ allowUsers: ['--version'] })).toThrow(/no such user: --version/);
  });
});

describe('statistics', () => {
  it('add up for each consumer, from the outside as from the inside', async () => {
    const { tap, directory, attach: attachHere } = openTap({ packets: 3 * RINGFUL, defaultPolicy: 'lossless' });
    const reader = await attachHere({ name: 'reader' });
    const lossy = await attachHere({ name: 'lossy', policy: 'lossy' });
    using observer = await observe('t', { directory });
    expect(await observer.stats()).toMatchObject({ tap: 't', pid: process.pid, state: 'waiting', published: 0 });
    tap.start();
    await sequencesOf(reader);
    await sequencesOf(lossy);
    const stats = await observer.stats();
    expect(stats).toMatchObject({
      state: 'ended',
      ringBytes: 1 << 20,
      received: 3 * RINGFUL,
      published: 3 * RINGFUL,
      bytes: 3 * RINGFUL * 100,
    });
    expect(stats.kernelDropped).toBeUndefined();
    expect(stats.consumers.map(({ name, policy }) => [name, policy])).toEqual([
      ['reader', 'lossless'],
      ['lossy', 'lossy'],
    ]);
    for (const { delivered, missed, lag } of stats.consumers)
      expect([delivered + missed, lag]).toEqual([3 * RINGFUL, 0]);
    expect(stats.consumers[0]).toMatchObject({ missed: 0, pid: process.pid, uid: process.getuid!() });
    expect(stats).toEqual(tap.stats());
  });

  it('of a tap with very many consumers arrive whole', async () => {
    const { tap, directory, attach: attachHere } = openTap();
    const name = '\u4e16'.repeat(64);
    for (let i = 0; i < 150; i++) await attachHere({ name, policy: 'lossy' });
    const { consumers } = await tapStats('t', { directory });
    expect(consumers.length).toBe(150);
    expect(consumers).toEqual(tap.stats().consumers);
  });

  it('cannot be had from a tap that has gone', async () => {
    const { tap, directory } = openTap();
    using observer = await observe('t', { directory });
    tap.stop();
    await tap.close();
    await expect(observer.stats()).rejects.toMatchObject({ code: 'ERR_TAP_DIED' });
    expect(tap).toBeInstanceOf(Tap);
  });
});
