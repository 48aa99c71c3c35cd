// Channels when this process can have no more descriptors, and when nobody holds them: says as JSON what came of it. Run
// with --expose-gc.

import { closeSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { channel, IpcSharedMemory } from 'pkttap/channel';
import { fillTable } from './fill-table.js';

const openFds = () => readdirSync('/proc/self/fd').length;
const outcome = {};
const attempt = async (name, action) => {
  try {
    outcome[name] = (await action()) ?? 'done';
  } catch ({ code }) {
    outcome[name] = code;
  }
};

const [tx, rx] = channel();
const [subTx, subRx] = channel();
await tx.send('warm');
await rx.recv();
openFds();
const before = openFds();

// More than the kernel takes at once need a socket of their own, long messages memory.
const many = Array(300).fill(subTx);
await tx.send([subTx]);
const filler = fillTable();
await attempt('channel', () => channel());
await attempt('clone', () => tx.clone());
await attempt('memory', () => IpcSharedMemory.fromByte(0, 10));
await attempt('sendMany', () => tx.send(many));
await attempt('sendLong', () => tx.send('x'.repeat(100_000)));
await attempt('sendShort', () => tx.send('short'));
await attempt('receiveEnd', () => rx.recv());
await attempt('receiveShort', () => rx.recv());
for (const fd of filler) closeSync(fd);

await attempt('sendAfter', () => tx.send([subTx]));
await attempt('receiveAfter', async () => {
  const [sender] = await rx.recv();
  await sender.send('works');
  sender.close();
  return subRx.recv();
});
outcome.leaked = openFds() - before;

// What nobody refers to is closed once it has been collected.
for (let i = 0; i < 100; i++) {
  const [lost, alsoLost] = channel();
  await lost.send({ lost: channel() });
  await alsoLost.recv();
  alsoLost.recv().catch(() => {});
  lost.close();
}
while (openFds() > before) {
  globalThis.gc();
  await setImmediate();
}
outcome.abandoned = openFds() - before;
process.stdout.write(`${JSON.stringify(outcome)}\n`);
