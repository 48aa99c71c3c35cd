// The process that owns a tap: replays a savefile at top speed to however many consumers have attached.

import { ReplaySource, Tap } from 'pkttap';
import { cpuSeconds, nowNs } from '../support/clock.js';
import { serve } from '../support/serve.js';

/** @type {Tap} */
let tap;

serve({
  /** Opens a tap; packets flow after `run`. */
  open({ path, directory, loops = 1 }) {
    const source = new ReplaySource([path], { pace: { kind: 'topspeed' }, loops });
    tap = Tap.open({ name: 'bench', source, directory });
  },

  /** Until so many consumers have attached. */
  async wait({ consumers }) {
    await tap.waitForConsumers(consumers);
  },

  /** Replays the whole file. Gives when it began and what it cost. */
  async run({ consumers }) {
    await tap.waitForConsumers(consumers);
    const cpuBefore = cpuSeconds();
    const startNs = nowNs();
    tap.start();
    const { error } = await tap.ended;
    if (error) throw error;
    return { startNs, endNs: nowNs(), cpuSeconds: cpuSeconds() - cpuBefore };
  },

  async close() {
    await tap.close();
  },
});
