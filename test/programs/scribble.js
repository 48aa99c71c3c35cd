// Writes to a packet's bytes, which are the tap's: scribble.js TAP. Must not survive that.

import { attach } from 'pkttap';

const consumer = await attach(process.argv[2], { start: 'oldest' });
const [packet] = await consumer.receivePackets(1);
process.stdout.write(`${packet.data[0]}\n`);
packet.data[0] = 1;
process.stdout.write('survived\n');
