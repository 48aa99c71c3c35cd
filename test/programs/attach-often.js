// Attaches and leaves, time after time: node --expose-gc attach-often.js TAP TIMES. A line of JSON: what it has more of than after
// the first tenth of them.

import { readdirSync, readFileSync } from 'node:fs';
import { attach } from 'pkttap';

const [tap, times] = process.argv.slice(2);

function resources() {
  gc();
  const fds = readdirSync('/proc/self/fd').length;
  const maps = readFileSync('/proc/self/maps', 'utf8').split('memfd:pkttap').length - 1;
  return { fds, maps, rssBytes: process.memoryUsage.rss() };
}

async function attachAndLeave() {
  const consumer = await attach(tap, { start: 'oldest', policy: 'lossy', timeoutMs: 60_000 });
  const [packet] = await consumer.receivePackets(1);
  if (packet.u8(1) !== 1) throw new Error('not the first packet');
  consumer.close();
}

for (let i = 0; i < times / 10; i++) await attachAndLeave();
const before = resources();
for (let i = 0; i < times; i++) await attachAndLeave();
const { fds, maps, rssBytes } = resources();
const more = { fds: fds - before.fds, maps: maps - before.maps, rssBytes: rssBytes - before.rssBytes };
process.stdout.write(`${JSON.stringify(more)}\n`);
