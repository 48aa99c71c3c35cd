// pkttap: a tap in one process, and consumers in processes of their own, each decoding every packet in JavaScript.
// Measured from tap.start() until the last consumer has decoded the last packet.

import { toSeconds } from '../support/clock.js';
import { Worker } from '../support/worker.js';

export const name = 'pkttap';
export const how = 'tap process, shared memory, consumer process';

/** @param {{ directory: string, consumers?: number }} options `directory`: for the tap's socket */
export function open({ directory, consumers = 1 }) {
  const tap = new Worker('tap');
  const readers = Array.from({ length: consumers }, () => new Worker('consumer'));

  return {
    /**
     * @param {import('../generate.js').Savefile} savefile
     * @returns {Promise<import('../support/sample.js').Sample>}
     */
    async run({ path, packets }) {
      await tap.call('open', { path, directory });
      await Promise.all(readers.map((reader) => reader.call('attach', { directory })));
      const decoding = readers.map((reader) => reader.call('decode', { packets }));
      const [replayed, ...reads] = await Promise.all([tap.call('run', { consumers }), ...decoding]);
      await tap.call('close');
      const seconds = toSeconds(Math.max(...reads.map(({ endNs }) => endNs)) - replayed.startNs);
      const cpuSeconds = reads.reduce((sum, read) => sum + read.cpuSeconds, replayed.cpuSeconds);
      return { seconds, cpuSeconds, results: reads };
    },

    close() {
      for (const worker of [tap, ...readers]) worker.close();
    },
  };
}
