// The other process of the duplex tests: duplex-peer.js SCENARIO NAME OPTIONS.

import { connectInterface, RingBuffer } from 'pkttap/duplex';
import { FdSocket } from 'pkttap/fdpass';

const [scenario, name, json = '{}'] = process.argv.slice(2);
const options = JSON.parse(json);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const element = (bytes) => ({
  bytes,
  write: (slot, value) => slot.setUint32(bytes - 4, value, true),
  read: (slot) => slot.getUint32(bytes - 4, true),
});

const SCENARIOS = {
  /** Answers every message with its bytes in reverse, until there is nobody to answer. */
  async echo() {
    const link = await connectInterface(name, options);
    await link.run(async (messages) => {
      for (const message of messages) await link.xmit(message.reverse());
    });
    say({ ended: link.ended, cpu: process.cpuUsage().user });
  },

  /** Two queues, one each way: pops from the first, pushes twice that into the second. */
  async queues() {
    const socket = await FdSocket.connect(name);
    const inwards = RingBuffer.open(await socket.recvFd(1), options.capacity, element(options.bytes));
    const outwards = RingBuffer.open(await socket.recvFd(2), options.capacity, element(options.bytes));
    for (let done = 0; done < options.count; ) {
      const value = inwards.pop();
      if (value === undefined) await new Promise(setImmediate);
      else {
        while (!outwards.push(value * 2)) await new Promise(setImmediate);
        done++;
      }
    }
    say({ left: inwards.length });
  },

  /** Sends some messages and dies. */
  async die() {
    const link = await connectInterface(name);
    for (let i = 0; i < 10; i++) await link.xmit(Uint8Array.of(i));
    process.kill(process.pid, 'SIGKILL');
  },
};

await SCENARIOS[scenario]();
