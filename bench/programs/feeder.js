// Writes packets into a FIFO that a tap replays, one every so often, each with the time of its writing (CLOCK_MONOTONIC) as
// its timestamp: what a consumer then measures begins before the tap has seen the packet.

import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileHeader, RECORD_HEADER_BYTES, writeRecordHeader } from '../support/classic-pcap.js';
import { serve } from '../support/serve.js';

const CAPLEN = 64;

serve({
  async feed({ path, packets, intervalMs }) {
    const fifo = openSync(path, 'w');
    writeSync(fifo, fileHeader({ nanoseconds: true }));
    const record = Buffer.alloc(RECORD_HEADER_BYTES + CAPLEN);
    for (let i = 0; i < packets; i++) {
      await delay(intervalMs);
      const [seconds, fraction] = process.hrtime();
      writeRecordHeader(record, 0, { seconds, fraction, caplen: CAPLEN });
      writeSync(fifo, record);
    }
    closeSync(fifo);
  },
});
