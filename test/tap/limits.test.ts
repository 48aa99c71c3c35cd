// Where a tap says no: as many sessions as it has at most, and no descriptors left.

import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { attach } from '../../src/consumer/attach.js';
import { isNativeFailure } from '../../src/native/core.js';
import { DEMO_PACKETS, DEMO_PCAP, makeTapFolder } from '../support/pkttap.js';
import { connectRaw, HELLO, type RawPeer } from '../support/raw-peer.js';
import { output, run } from '../support/run.js';
import { openTap, sequencesOf } from '../support/taps.js';
import { until } from '../support/until.js';

const MAX_SESSIONS = 1024;
const HOUR_MS = 3_600_000;

/** Each session has a descriptor at both ends, and both are this process's. */
const descriptors = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 0);
const tooFew = descriptors < 2 * MAX_SESSIONS + 100 ? 'needs 2148 descriptors: ulimit -n' : undefined;
const noLimit = await run('prlimit', ['--version']).then(
  () => undefined,
  () => 'needs prlimit',
);

/** Waits while as many are queued as the kernel queues. */
async function connectQueued(path: string): Promise<RawPeer> {
  let peer: RawPeer | undefined;
  await until(() => {
    try {
      peer = connectRaw(path);
    } catch (error) {
      if (!isNativeFailure(error) || error.errno !== constants.errno.EAGAIN) throw error;
    }
    return peer !== undefined;
  });
  return peer!;
}

describe('a tap', () => {
  it('refuses one session more than it has at most, and lets somebody in when one has left', async (context) => {
    if (tooFew) return context.skip(tooFew);
    const { tap, attach: attachHere } = openTap({ helloTimeoutMs: HOUR_MS });
    const peers: RawPeer[] = [];
    for (let i = 0; i < MAX_SESSIONS; i++) peers.push(await connectQueued(tap.path));
    const last = await connectQueued(tap.path);
    expect(await last.hear()).toMatchObject({
      message: { type: 'refuse', code: 'ERR_TAP_REFUSED', message: 'the tap has 1024 sessions, its most' },
    });
    await last.closed();
    // Those that are in are not touched, and make room by leaving.
    peers[0]!.say(HELLO);
    expect(await peers[0]!.hear()).toMatchObject({ message: { type: 'welcome' } });
    peers[0]!.close();
    await until(() => tap.stats().consumers.length === 0);
    await attachHere();
    expect(tap.stats().consumers).toHaveLength(1);
  });

  it('out of descriptors says so, and accepts those that waited when there are some again', async (context) => {
    if (noLimit) return context.skip(noLimit);
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAP]);
    await folder.untilStats('replay', () => true);
    // Not before: how many files Node has open at once while it starts depends on who gets a processor.
    await output('prlimit', ['--pid', String(replay.pid), '--nofile=60:60']);
    const path = `${folder.taps}/replay.sock`;
    const peers = Array.from({ length: 60 }, () => connectRaw(path));
    await replay.said("can't accept a consumer: EMFILE");
    for (const peer of peers) peer.close();
    const consumer = await attach(path, { timeoutMs: HOUR_MS });
    await replay.ended;
    expect(await sequencesOf(consumer)).toHaveLength(DEMO_PACKETS);
    consumer.close();
  });
});
