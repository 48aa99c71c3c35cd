// Captures in a process of its own and leaves in the way given, for tests of what native code does then:
// leave-capture.js DEVICE WAY THREADS. `exit`: with the capture running. `ended`: after its end, its object still there.
// `worker`: from a worker thread that is terminated with the capture running. Says `left` on standard output last.

import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { core } from '../../dist/native/core.js';
import { openLive } from '../../dist/source/live.js';

const [device, way, threads] = isMainThread ? process.argv.slice(2) : workerData;

if (way === 'worker') {
  const worker = new Worker(new URL(import.meta.url), { workerData: [device, 'run', threads] });
  await once(worker, 'message');
  await worker.terminate();
  console.log('left');
} else {
  const ring = core().createRing(1 << 20, 1000, 0n, 0n, Number(threads));
  const source = openLive([device], { threads: Number(threads) });
  const ended = new Promise((resolve) => source.start(ring, resolve));
  parentPort?.postMessage('capturing');
  if (way === 'ended') source.stop();
  if (way === 'exit') {
    console.log('left');
    process.exit(0);
  }
  await ended;
  console.log('left');
}
