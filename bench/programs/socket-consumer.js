// The other end of socket-producer.js: unpacks every message and decodes the 5-tuple of every packet.

import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { Unpackr } from 'msgpackr';
import { cpuSeconds, nowNs } from '../support/clock.js';
import { foldBytes } from '../support/five-tuple.js';
import { serve } from '../support/serve.js';

const LENGTH_BYTES = 4;

const unpackr = new Unpackr({ useRecords: false });

/** @type {import('node:net').Server} */
let server;
/** Asked for before the producer can connect. @type {Promise<any[]>} */
let connection;

serve({
  async listen({ socketPath }) {
    rmSync(socketPath, { force: true });
    server = createServer().listen(socketPath);
    connection = once(server, 'connection');
    await once(server, 'listening');
  },

  async read({ packets: expected }) {
    const [socket] = await connection;
    const cpuBefore = cpuSeconds();
    let [packets, sum, endNs] = [0, 0, 0];
    for await (const message of messages(socket)) {
      for (const [, , , bytes] of unpackr.unpack(message)) {
        sum = foldBytes(sum, bytes);
        packets++;
      }
      if (packets === expected) endNs = nowNs();
    }
    server.close();
    return { endNs, packets, sum, cpuSeconds: cpuSeconds() - cpuBefore };
  },
});

/** @param {AsyncIterable<Buffer>} socket */
async function* messages(socket) {
  /** @type {Buffer} */
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readUInt32LE(0);
      if (rest.length < end) break;
      yield rest.subarray(LENGTH_BYTES, end);
      rest = rest.subarray(end);
    }
  }
}
