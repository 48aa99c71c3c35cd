// The usual way between two Node processes: a Unix stream socket and msgpackr, in messages of many packets, which is
// several times as fast as a message for each packet.

import { join } from 'node:path';
import { toSeconds } from '../support/clock.js';
import { Worker } from '../support/worker.js';

/** Packets of a message: the fastest of 1, 16, 64, 256 and 1024 on the machine on which the bench was written. */
const BATCH = 256;

export const name = 'socket + msgpackr';
export const how = `Unix stream socket, messages of ${BATCH} packets, two processes`;

/** @param {{ directory: string, batch?: number }} options */
export function open({ directory, batch = BATCH }) {
  const producer = new Worker('socket-producer');
  const consumer = new Worker('socket-consumer');
  const socketPath = join(directory, 'msgpackr.sock');

  return {
    /**
     * @param {import('../generate.js').Savefile} savefile
     * @returns {Promise<import('../support/sample.js').Sample>}
     */
    async run({ path, packets }) {
      await consumer.call('listen', { socketPath });
      const [sent, read] = await Promise.all([
        producer.call('run', { path, socketPath, batch }),
        consumer.call('read', { packets }),
      ]);
      const seconds = toSeconds(read.endNs - sent.startNs);
      return { seconds, cpuSeconds: sent.cpuSeconds + read.cpuSeconds, results: [read] };
    },

    close() {
      producer.close();
      consumer.close();
    },
  };
}
