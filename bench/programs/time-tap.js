// Attaches to the tap "bench" and takes the time from each packet's timestamp until it is here.

import { attach } from 'pkttap';
import { LatencyLog } from '../support/latency-log.js';

const consumer = await attach('bench');
const log = new LatencyLog();
console.log('listening');
for await (const batch of consumer) {
  const now = log.now();
  for (const packet of batch) log.add(now, packet.tsSec, packet.tsNsec);
}
console.log(log.toString());
