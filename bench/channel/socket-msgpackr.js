// A Unix stream socket, and msgpackr's values behind their lengths.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Packr } from 'msgpackr';

const LENGTH_BYTES = 4;
const packr = new Packr({ useRecords: false });

export const name = 'Unix socket + msgpackr';

/** @param {(address: string) => void} start */
export async function open(start) {
  const folder = mkdtempSync(join(tmpdir(), 'pkttap-bench-'));
  const address = join(folder, 'a.sock');
  const server = createServer();
  server.listen(address);
  await once(server, 'listening');
  start(address);
  const [socket] = await once(server, 'connection');
  server.close();
  rmSync(folder, { recursive: true });
  return link(socket);
}

/** @param {string} address */
export async function connect(address) {
  const socket = connectTo(address);
  await once(socket, 'connect');
  return link(socket);
}

/** @param {import('node:net').Socket} socket */
function link(socket) {
  return {
    async send(/** @type {Uint8Array} */ bytes) {
      const message = packr.pack(bytes);
      const length = Buffer.allocUnsafe(LENGTH_BYTES);
      length.writeUInt32LE(message.length);
      socket.cork();
      socket.write(length);
      const hasRoom = socket.write(message);
      socket.uncork();
      if (!hasRoom) await once(socket, 'drain');
    },
    async listen(/** @type {(bytes: Uint8Array) => void} */ onMessage) {
      /** @type {Buffer[]} */
      let chunks = [];
      let have = 0;
      let want = LENGTH_BYTES;
      socket.on('data', (/** @type {Buffer} */ chunk) => {
        chunks.push(chunk);
        have += chunk.length;
        if (have < want) return;
        const data = chunks.length === 1 ? chunk : Buffer.concat(chunks);
        let at = 0;
        want = LENGTH_BYTES;
        while (data.length - at >= LENGTH_BYTES) {
          want = LENGTH_BYTES + data.readUInt32LE(at);
          if (data.length - at < want) break;
          onMessage(packr.unpack(data.subarray(at + LENGTH_BYTES, at + want)));
          at += want;
          want = LENGTH_BYTES;
        }
        chunks = at < data.length ? [data.subarray(at)] : [];
        have = data.length - at;
      });
    },
    close: () => void socket.destroy(),
  };
}
