// Divides a tap's flows among threads: each flow goes to one of them, both directions of it, decided by its hash without a copy.
// When a thread dies, the others get its flows.
//
//   node share-workers.js eth0 4

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { attach } from 'pkttap';

interface Counts {
  readonly packets: number;
  readonly flows: number;
}

/** In a thread. A consumer belongs to the thread that attached it. */
async function work(tap: string): Promise<void> {
  await using consumer = await attach(tap, { wait: true, share: 'share-workers' });
  const flows = new Set<number>();
  let packets = 0;
  for await (const batch of consumer) {
    for (const packet of batch) {
      packets++;
      flows.add(packet.flowHash);
    }
  }
  parentPort?.postMessage({ packets, flows: flows.size });
}

/** What a thread has counted at its end. */
function start(tap: string): Promise<Counts> {
  const worker = new Worker(new URL(import.meta.url), { workerData: tap });
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}

if (isMainThread) {
  const [tap = 'eth0', threads = '4'] = process.argv.slice(2);
  const all = await Promise.all(Array.from({ length: Number(threads) }, () => start(tap)));
  for (const [i, { packets, flows }] of all.entries())
    console.log(`thread ${i + 1}: ${packets} packets of ${flows} flows`);
} else {
  await work(workerData as string);
}
