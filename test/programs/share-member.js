// A member of a share group in a process of its own, which a test may kill: share-member.js TAP OPTIONS LOG. Before it is done
// with a batch, its packets' sequences are in the file LOG: their number, then they, 32 bits each. Says `attached`; at the
// end its counts, each as a line of JSON on standard output.

import { openSync, writeSync } from 'node:fs';
import { attach } from 'pkttap';

const [tap, json, path] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const log = openSync(path, 'w');
const consumer = await attach(tap, { timeoutMs: 60_000, ...JSON.parse(json) });
say({ attached: true });
for await (const batch of consumer) {
  const entry = [0];
  for (const packet of batch) entry.push(Number(packet.sequence));
  entry[0] = entry.length - 1;
  writeSync(log, Uint32Array.from(entry));
}
consumer.close();
say(consumer.counters());
