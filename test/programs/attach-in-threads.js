// Consumers in worker threads: attach-in-threads.js TAP THREADS. Each thread reads to the end and says what it has read, in a line
// of JSON; one more is terminated while it waits for packets. At the end, what is still mapped or open that was not before.

import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { isMainThread, parentPort, threadId, Worker, workerData } from 'node:worker_threads';
import { attach } from 'pkttap';

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

async function read(tap) {
  const consumer = await attach(tap, { name: `thread ${threadId}` });
  parentPort.postMessage('attached');
  let packets = 0;
  let bytes = 0;
  for await (const batch of consumer) {
    for (const packet of batch) {
      packets++;
      bytes += packet.data.length;
    }
  }
  parentPort.postMessage({ packets, bytes, end: consumer.end.reason });
  consumer.close();
}

const mapped = () => readFileSync('/proc/self/maps', 'utf8').split('memfd:pkttap').length - 1;
const opened = () => readdirSync('/proc/self/fd').length;

/** A thread, once it is attached. */
async function start(tap) {
  const thread = new Worker(new URL(import.meta.url), { workerData: tap });
  const ended = new Promise((resolve) => thread.once('exit', resolve));
  let report;
  await new Promise((resolve, reject) => {
    thread.on('error', reject);
    thread.on('message', (message) => {
      if (message === 'attached') resolve();
      else report = message;
    });
  });
  return { thread, ended, report: () => report };
}

async function main([tap, threads]) {
  // One that comes and goes first, so that what the first thread of a process brings along is there.
  await new Worker('', { eval: true }).terminate();
  const before = opened();
  const unlucky = await start(tap);
  const all = await Promise.all(Array.from({ length: Number(threads) }, () => start(tap)));
  await unlucky.thread.terminate();
  say('attached');
  for (const { ended, report } of all) {
    await ended;
    say(report());
  }
  while (mapped() > 0 || opened() > before) await setImmediate();
  say('nothing left');
}

if (isMainThread) await main(process.argv.slice(2));
else await read(workerData);
