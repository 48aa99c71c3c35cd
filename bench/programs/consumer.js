// One consumer of a tap.

import { attach } from 'pkttap';
import { cpuSeconds, nowNs } from '../support/clock.js';
import { foldView } from '../support/five-tuple.js';
import { percentile } from '../support/sample.js';
import { serve } from '../support/serve.js';

/** @type {import('pkttap').Consumer} */
let consumer;

serve({
  async attach({ directory, busyPoll, policy }) {
    consumer = await attach('bench', { directory, ...(busyPoll && { busyPoll }), ...(policy && { policy }) });
  },

  /** Leaves without having read anything. */
  detach() {
    consumer.close();
  },

  /** Decodes the 5-tuple of every packet. `endNs` is when the last of the expected packets had been decoded. */
  async decode({ packets }) {
    const cpuBefore = cpuSeconds();
    let [count, sum, endNs] = [0, 0, 0];
    for await (const batch of consumer) {
      for (const packet of batch) {
        sum = foldView(sum, packet);
        count++;
      }
      if (count === packets) endNs = nowNs();
    }
    const { missed } = consumer.counters();
    consumer.close();
    return { endNs, packets: count, missed, sum, cpuSeconds: cpuSeconds() - cpuBefore };
  },

  /** How long packets that carry the CLOCK_MONOTONIC time of their birth took to get here, in ns. */
  async time() {
    const cpuBefore = cpuSeconds();
    const latencies = [];
    for await (const batch of consumer) {
      const arrivedNs = nowNs();
      for (const packet of batch) latencies.push(arrivedNs - (packet.tsSec * 1e9 + packet.tsNsec));
    }
    consumer.close();
    const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
    return { packets: latencies.length, p50, p99, cpuSeconds: cpuSeconds() - cpuBefore };
  },
});
