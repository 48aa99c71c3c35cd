// A tap in a process of its own, for tests that kill it: run-tap.js NAME FILE OPTIONS. Replays the file at top speed from
// the start, says `open` on standard output, how it ended at the end, and closes when standard input ends.

import { once } from 'node:events';
import { ReplaySource, Tap } from 'pkttap';

const [name, file, json = '{}'] = process.argv.slice(2);
const { loops = 1, waitFor = 0, ...options } = JSON.parse(json);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

try {
  const source = new ReplaySource([file], { pace: { kind: 'topspeed' }, loops });
  const tap = Tap.open({ name, source, ringBytes: 1 << 20, ...options });
  say({ open: process.pid });
  await tap.waitForConsumers(waitFor);
  tap.start();
  const { reason } = await tap.ended;
  say({ ended: reason });
  process.stdin.resume();
  await once(process.stdin, 'end');
  await tap.close();
} catch ({ code, message }) {
  say({ code, message });
  process.stdin.destroy();
}
