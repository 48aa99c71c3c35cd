// Reads a savefile in chunks and sends its packets over a Unix stream socket: messages of many packets, packed by
// msgpackr, each behind its length in four bytes. A packet is [seconds, fraction, origlen, bytes].

import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { connect } from 'node:net';
import { Packr } from 'msgpackr';
import { FILE_HEADER_BYTES, RECORD_HEADER_BYTES } from '../support/classic-pcap.js';
import { cpuSeconds, nowNs } from '../support/clock.js';
import { serve } from '../support/serve.js';

/** As much as pkttap's replay reads at once. */
const CHUNK_BYTES = 256 << 10;
const LENGTH_BYTES = 4;

const packr = new Packr({ useRecords: false });

serve({
  async run({ path, socketPath, batch }) {
    const socket = connect(socketPath);
    await once(socket, 'connect');
    const cpuBefore = cpuSeconds();
    const startNs = nowNs();
    for (const packets of readBatches(path, batch)) {
      const message = packr.pack(packets);
      const length = Buffer.allocUnsafe(LENGTH_BYTES);
      length.writeUInt32LE(message.length);
      socket.write(length);
      if (!socket.write(message)) await once(socket, 'drain');
    }
    socket.end();
    await once(socket, 'finish');
    return { startNs, cpuSeconds: cpuSeconds() - cpuBefore };
  },
});

/**
 * The packets' bytes lie in the chunk, uncopied, until the next batch is asked for.
 *
 * @param {string} path
 * @param {number} most packets of a batch; the last of a chunk may have fewer
 */
function* readBatches(path, most) {
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let end = readSync(file, buffer, 0, CHUNK_BYTES, null);
  let at = FILE_HEADER_BYTES;
  while (end > 0) {
    let packets = [];
    for (let next = endOfRecord(buffer, at, end); next !== 0; next = endOfRecord(buffer, at, end)) {
      const bytes = buffer.subarray(at + RECORD_HEADER_BYTES, next);
      packets.push([buffer.readUInt32LE(at), buffer.readUInt32LE(at + 4), buffer.readUInt32LE(at + 12), bytes]);
      at = next;
      if (packets.length === most) {
        yield packets;
        packets = [];
      }
    }
    if (packets.length > 0) yield packets;
    const left = buffer.copy(buffer, 0, at, end);
    const got = readSync(file, buffer, left, CHUNK_BYTES - left, null);
    at = 0;
    end = got === 0 ? 0 : left + got;
  }
  closeSync(file);
}

/**
 * 0: the record is not whole yet.
 *
 * @param {Buffer} buffer
 * @param {number} at
 * @param {number} end
 */
function endOfRecord(buffer, at, end) {
  if (at + RECORD_HEADER_BYTES > end) return 0;
  const next = at + RECORD_HEADER_BYTES + buffer.readUInt32LE(at + 8);
  return next > end ? 0 : next;
}
