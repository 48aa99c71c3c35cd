// Attaches to the tap "bench" and decodes the 5-tuple of every packet, until the tap ends.

import { attach } from 'pkttap';
import { foldView } from '../support/five-tuple.js';

const consumer = await attach('bench');
console.log('listening');
let [packets, sum] = [0, 0];
for await (const batch of consumer) {
  for (const packet of batch) {
    sum = foldView(sum, packet);
    packets++;
  }
}
console.log(`${packets} packets decoded, ${consumer.counters().missed} missed, sum ${sum}`);
