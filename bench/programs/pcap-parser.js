// Reads a savefile with the package pcap-parser and decodes the 5-tuple of every packet, in one process.

import { parse } from 'pcap-parser';
import { cpuSeconds, nowNs } from '../support/clock.js';
import { foldBytes } from '../support/five-tuple.js';
import { serve } from '../support/serve.js';

serve({
  read({ path }) {
    const cpuBefore = cpuSeconds();
    const startNs = nowNs();
    return new Promise((resolve, reject) => {
      let [packets, sum] = [0, 0];
      const parser = parse(path);
      parser.on('packet', ({ data }) => {
        sum = foldBytes(sum, data);
        packets++;
      });
      parser.on('error', reject);
      parser.on('end', () => resolve({ startNs, endNs: nowNs(), packets, sum, cpuSeconds: cpuSeconds() - cpuBefore }));
    });
  },
});
