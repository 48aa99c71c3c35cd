// A consumer in a thread: attaches, posts `attached`, and at the end its counts. Another thread of the process has one, too.

import { parentPort, workerData } from 'node:worker_threads';
import { attach } from 'pkttap';

const consumer = await attach(workerData.tap, { directory: workerData.directory });
parentPort.postMessage('attached');
let sum = 0;
for await (const batch of consumer) for (const packet of batch) sum += packet.u8(99);
const { delivered, missed } = consumer.counters();
parentPort.postMessage({ delivered, missed, sum, end: consumer.end?.reason });
consumer.close();
