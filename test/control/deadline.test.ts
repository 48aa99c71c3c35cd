// Who stood still himself is told no lies about others: an answer that came meanwhile counts, however late it is read.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { attach } from '../../src/consumer/attach.js';
import { makeTapFolder, PKTTAP } from '../support/pkttap.js';
import { connectRaw, HELLO } from '../support/raw-peer.js';
import { numberedSavefile, openTap } from '../support/taps.js';

const RUN_TAP = join(import.meta.dirname, '../programs/run-tap.js');

it('a consumer that stood still for longer than a tap may take to answer has its answer', async () => {
  const folder = makeTapFolder();
  const tap = folder.spawn('node', [RUN_TAP, 't', numberedSavefile(1), JSON.stringify({ waitFor: 99 })]);
  await tap.printed('open');
  // After this, timers come before sockets.
  await setImmediate();
  const attaching = attach('t', { directory: folder.taps, timeoutMs: 1 });
  // Only what is due in this turn of the event loop, which ends with the hello.
  for (let i = 0; i < 20; i++) await undefined;
  standStillUntilAttached(folder.taps);
  using consumer = await attaching;
  expect(consumer.tap).toBe('t');
});

it('a tap that stood still for longer than a consumer may take to say hello has heard it', async () => {
  const { tap } = openTap({ helloTimeoutMs: 1 });
  const peer = connectRaw(tap.path);
  peer.say(HELLO);
  expect((await peer.hear())?.message).toMatchObject({ type: 'welcome' });
});

/** Keeps this thread from everything else until the tap says that it has a consumer. No watchdog could end that. */
function standStillUntilAttached(taps: string): void {
  const env = { ...process.env, PKTTAP_DIR: taps };
  for (let looks = 0; looks < 100; looks++) {
    const { stdout } = spawnSync(PKTTAP, ['stats', 't', '--json'], { env });
    if (stdout.includes('"consumers":[{')) return;
  }
  throw new Error('the tap has got no hello');
}
