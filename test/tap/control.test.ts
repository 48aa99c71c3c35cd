// A tap is controlled by root and by the user who runs it, and by nobody else, whoever may attach to it.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ControlCommand, controlTap } from '../../src/consumer/control.js';
import { openDialogue } from '../../src/consumer/dialogue.js';
import { tapStats } from '../../src/consumer/observe.js';
import type { PacketSource, SourceEnd } from '../../src/source/packet-source.js';
import { ReplaySource } from '../../src/source/replay.js';
import { Tap, type TapOptions } from '../../src/tap/tap.js';
import { everyMs, timedSavefile } from '../support/replayed.js';
import { until } from '../support/until.js';

const NOBODY = 65_534;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pkttap-control-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const openTap = (source: PacketSource, options: Partial<TapOptions> = {}) =>
  Tap.open({ name: 't', source, directory, ringBytes: 1 << 20, ...options });
const topSpeed = (packets: number) =>
  new ReplaySource([timedSavefile(...everyMs(packets))], { pace: { kind: 'topspeed' } });

/** A source without a pause, as what is live has none. */
class EndlessSource implements PacketSource {
  readonly description = 'eth7';
  readonly defaultPolicy = 'lossy';
  #onEnd: (end: SourceEnd) => void = () => {};

  start(_ring: unknown, onEnd: (end: SourceEnd) => void): void {
    this.#onEnd = onEnd;
  }

  stop(): void {
    this.#onEnd({ reason: 'stopped' });
  }
}

describe('a tap that replays', () => {
  it('is paused, stepped and resumed from elsewhere, and says so in its statistics', async () => {
    await using tap = openTap(topSpeed(10));
    expect(await controlTap('t', { action: 'pause' }, { directory })).toMatchObject({ state: 'waiting' });
    tap.start();
    expect(await tapStats('t', { directory })).toMatchObject({ state: 'paused', published: 0 });

    expect(await controlTap('t', { action: 'step' }, { directory })).toMatchObject({ state: 'paused' });
    await until(() => tap.stats().published === 1);
    await controlTap('t', { action: 'step', packets: 4 }, { directory });
    await until(() => tap.stats().published === 5);

    await controlTap('t', { action: 'resume' }, { directory });
    expect(await tap.ended).toMatchObject({ reason: 'finished', stats: { state: 'ended', published: 10 } });
  });

  it('refuses to be controlled after its end', async () => {
    await using tap = openTap(topSpeed(1));
    tap.start();
    await tap.ended;
    await expect(controlTap('t', { action: 'pause' }, { directory })).rejects.toMatchObject({
      code: 'ERR_TAP_REFUSED',
      message: expect.stringContaining('has ended'),
    });
  });

  it('ends the session of an observer that wants to control it, and no other', async () => {
    await using tap = openTap(topSpeed(1));
    const observer = await openDialogue('t', 'observer', { directory });
    await expect(observer.ask({ type: 'control', action: 'pause' })).rejects.toMatchObject({
      code: 'ERR_TAP_PROTOCOL',
    });
    expect(tap.stats().state).toBe('waiting');
    await expect(controlTap('t', { action: 'pause' }, { directory })).resolves.toMatchObject({ tap: 't' });
  });

  it('is not to be controlled by others, even if they may attach', async (context) => {
    if (process.geteuid?.() !== 0) return context.skip('needs root, to be somebody else');
    chmodSync(directory, 0o755);
    await using _tap = openTap(topSpeed(1), { allowUsers: [String(NOBODY)] });
    // The kernel takes down who we are when we connect, which both calls do before they return.
    process.seteuid!(NOBODY);
    const asked = [tapStats('t', { directory }), controlTap('t', { action: 'pause' }, { directory })];
    process.seteuid!(0);
    expect(await Promise.allSettled(asked)).toMatchObject([
      { status: 'fulfilled', value: { tap: 't' } },
      {
        status: 'rejected',
        reason: {
          code: 'ERR_TAP_REFUSED',
          message: expect.stringContaining(`uid ${NOBODY} may not control this tap`),
        },
      },
    ]);
  });

  it('has its controllers checked for numbers that make no sense', async () => {
    await using _tap = openTap(topSpeed(1));
    await expect(controlTap('t', { action: 'step', packets: 0 }, { directory })).rejects.toThrow(RangeError);
    const unknown = { action: 'jump' } as unknown as ControlCommand;
    await expect(controlTap('t', unknown, { directory })).rejects.toThrow(RangeError);
    const controller = await openDialogue('t', 'controller', { directory });
    await expect(controller.ask({ type: 'control', action: 'step', packets: 0.5 })).rejects.toMatchObject({
      code: 'ERR_TAP_PROTOCOL',
    });
  });
});

describe('a tap that is live', () => {
  it('refuses to be paused, and names what it reads', async () => {
    await using tap = openTap(new EndlessSource());
    tap.start();
    await expect(controlTap('t', { action: 'pause' }, { directory })).rejects.toMatchObject({
      code: 'ERR_TAP_REFUSED',
      message: expect.stringContaining("eth7 can't be paused: only savefiles can"),
    });
    expect(tap.stats().state).toBe('running');
  });
});
