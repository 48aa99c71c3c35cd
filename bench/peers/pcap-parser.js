// The package pcap-parser, reading the file in the very process that decodes: no second process, no transport.

import { toSeconds } from '../support/clock.js';
import { Worker } from '../support/worker.js';

export const name = 'pcap-parser';
export const how = 'package, one process, no transport';

export function open() {
  const reader = new Worker('pcap-parser');

  return {
    /**
     * @param {import('../generate.js').Savefile} savefile
     * @returns {Promise<import('../support/sample.js').Sample>}
     */
    async run({ path }) {
      const read = await reader.call('read', { path });
      return { seconds: toSeconds(read.endNs - read.startNs), cpuSeconds: read.cpuSeconds, results: [read] };
    },

    close() {
      reader.close();
    },
  };
}
