// The sending side of the packet-ipc bench: one stream, to all clients of it.

import { Packet, Server } from 'pkttap/packet-ipc';
import { cpuSeconds, nowNs } from '../support/clock.js';
import { serve } from '../support/serve.js';

const server = Server.create();
/** @type {import('pkttap/packet-ipc').ConnectedIpc} */
let connection;

serve({
  name: () => server.name,
  async accept({ clients }) {
    connection = await server.accept();
    for (let i = 1; i < clients; i++) await server.accept({ into: connection });
  },
  async send({ packets, batch, size }) {
    const data = new Uint8Array(size).fill(1);
    const some = Array.from({ length: batch }, (_, i) => new Packet(1_700_000_000_000_000_000n + BigInt(i), data));
    const cpuBefore = cpuSeconds();
    const startNs = nowNs();
    for (let sent = 0; sent < packets; sent += batch) await connection.send(some);
    return { startNs, cpuSeconds: cpuSeconds() - cpuBefore };
  },
});
