// Forgets a consumer without closing it: node --expose-gc forget.js TAP. Says `holding` with a packet's bytes in its hand, and
// waits for a line; then `kept`, if the bytes are still the same however often garbage is collected, and once it has let go of
// them `unmapped`, when nothing of the tap is mapped any more.

import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { attach } from 'pkttap';

const say = (what) => process.stdout.write(`${what}\n`);
const isMapped = () => readFileSync('/proc/self/maps', 'utf8').includes('memfd:pkttap');

async function hold() {
  const consumer = await attach(process.argv[2], { start: 'oldest' });
  const [packet] = await consumer.receivePackets(1);
  return packet.data;
}

async function collect(times) {
  for (let i = 0; i < times && isMapped(); i++) {
    gc();
    await setImmediate();
  }
}

let data = await hold();
const before = data.toString();
say('holding');
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.destroy();
await collect(20);
if (isMapped() && data.toString() === before) say('kept');
data = undefined;
// The tap has closed the connection by now, or will: until then, packets may come, and the consumer is no garbage.
while (isMapped()) await collect(20);
say('unmapped');
