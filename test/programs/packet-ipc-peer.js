// The other process of the packet-ipc tests: packet-ipc-peer.js SCENARIO NAME OPTIONS. Says what it finds, as lines of JSON.

import { once } from 'node:events';
import { Client, Packet, Server } from 'pkttap/packet-ipc';

const [scenario, name, json = '{}'] = process.argv.slice(2);
const options = JSON.parse(json);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const numbered = (number) => new Packet(BigInt(number), Uint8Array.of(number & 255, number >> 8, 0, 0));

const SCENARIOS = {
  /** Reads to the end, and tells how many packets came, whether they were in order, and how it ended. */
  async read() {
    const { size = 1000, hold = 0, ...rest } = options;
    const client = await Client.connect(name, rest);
    const report = { read: 0, inOrder: true };
    say({ connected: true });
    if (hold > 0) await once(process.stdin, 'data');
    try {
      for (let batch = await client.receivePackets(size); batch !== null; batch = await client.receivePackets(size)) {
        for (const packet of batch) report.inOrder &&= packet.tsNs === BigInt(report.read++);
      }
      report.end = 'end';
    } catch ({ code }) {
      report.end = code;
    }
    say(report);
    process.stdin.destroy();
  },

  /** Takes one batch and dies in the middle of it. */
  async die() {
    const client = await Client.connect(name);
    for (const _ of await client.receivePackets(10)) process.kill(process.pid, 'SIGKILL');
  },

  /** A server whose one client gets numbered packets; then it does what it was told: close, die, or leave. */
  async serve() {
    const server = Server.create();
    say({ name: server.name });
    const connection = await server.accept();
    await connection.send(Array.from({ length: options.packets }, (_, i) => numbered(i)));
    if (options.finally === 'close') await connection.close();
    if (options.finally === 'die') process.kill(process.pid, 'SIGKILL');
    server.close();
    process.exit();
  },
};

await SCENARIOS[scenario]();
