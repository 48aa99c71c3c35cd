// Consumers in worker threads: each has its own, beside those of the main thread.

import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { openTap, range, sequencesOf } from '../support/taps.js';
import { until } from '../support/until.js';

const PROGRAM = join(import.meta.dirname, '../programs/worker-consumer.js');
const PACKETS = 20_000;

it('consumers in worker threads read all packets, beside one in the main thread', async () => {
  const { tap, directory, attach } = openTap({ packets: PACKETS });
  const workers = [1, 2].map(() => new Worker(PROGRAM, { workerData: { tap: 't', directory } }));
  onTestFinished(async () => void (await Promise.all(workers.map((worker) => worker.terminate()))));
  const consumer = await attach();
  await tap.waitForConsumers(3);
  const reports = workers.map(async (worker) => {
    for (;;) {
      const [message] = await once(worker, 'message');
      if (message !== 'attached') return message;
    }
  });
  tap.start();
  expect(await sequencesOf(consumer)).toEqual(range(0, PACKETS));
  const sum = range(0, PACKETS).reduce((total, number) => total + ((number + 99) & 255), 0);
  const whole = { delivered: PACKETS, missed: 0, sum, end: 'finished' };
  expect(await Promise.all(reports)).toEqual([whole, whole]);
});

it('a worker that is terminated in the middle is not waited for: its session ends, and the others get their packets', async () => {
  const { tap, directory, attach } = openTap({ packets: PACKETS, stallTimeoutMs: 1e9 });
  const worker = new Worker(PROGRAM, { workerData: { tap: 't', directory } });
  await once(worker, 'message');
  const consumer = await attach();
  tap.start();
  await worker.terminate();
  await until(() => tap.stats().consumers.length === 1);
  expect(await sequencesOf(consumer)).toEqual(range(0, PACKETS));
});
