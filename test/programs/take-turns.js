// Threads that share packets and append to one list in turns: take-turns.js THREADS PACKETS [DIES]. Each thread has the packets
// that a hash gives it, and is now and then slow. Thread number DIES ends in the middle. Prints the list as JSON.

import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { leaveTurns, makeTurnsMemory, Turns } from '../../dist/analyzer/state/turns.js';

const ownerOf = (packet, of) => (Math.imul(packet, 0x9e3779b1) >>> 16) % of;

function work({ memory, list, index, of, packets, dies }) {
  const turns = new Turns(memory, index + 1, of);
  const words = new Uint32Array(list);
  turns.tell({ nextSequence: 0n, gaps: 0, policy: 'lossless' });
  for (let packet = 0; packet < packets; packet++) {
    if (ownerOf(packet, of) !== index) continue;
    if (dies === index && packet > packets / 2) throw new Error('this thread dies');
    turns.begin({ sequence: BigInt(packet), isIntact: () => true });
    for (let i = 0; i < (packet % 50) * 20 * index; i++) Math.sqrt(i);
    turns.wait();
    words[++words[0]] = packet;
  }
  turns.leave();
}

if (isMainThread) {
  const [of, packets, dies = -1] = process.argv.slice(2).map(Number);
  const memory = makeTurnsMemory(of);
  const list = new SharedArrayBuffer(4 * (packets + 1));
  const threads = Array.from({ length: of }, (_, index) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { memory, list, index, of, packets, dies } });
    worker.on('error', () => {});
    return new Promise((resolve) => {
      worker.on('exit', () => {
        leaveTurns(memory, index + 1);
        resolve();
      });
    });
  });
  await Promise.all(threads);
  const words = new Uint32Array(list);
  process.stdout.write(JSON.stringify([...words.subarray(1, words[0] + 1)]));
} else {
  work(workerData);
}
