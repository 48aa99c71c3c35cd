// Reads savefiles in one process, each method with a reader of its own, and counts their packets: pkttap's into a ring that
// nobody reads, the packages' as they hand packets out.

import { createReadStream } from 'node:fs';
import PCAPNGParser from 'pcap-ng-parser';
import { parse } from 'pcap-parser';
import { core } from '../../dist/native/core.js';
import { ReplaySource } from '../../dist/source/replay.js';
import { nowNs, toSeconds } from '../support/clock.js';
import { serve } from '../support/serve.js';

const ring = core().createRing(4 << 20, 1000, 0n, 0n);

serve({
  pkttap: ({ path }) =>
    timed((done, fail) => {
      const source = new ReplaySource([path], { pace: { kind: 'topspeed' } });
      source.start(ring, ({ error }) => (error === undefined ? done(source.result.packets) : fail(error)));
    }),

  'pcap-parser': ({ path }) =>
    timed((done, fail) => {
      let packets = 0;
      const parser = parse(path);
      parser.on('packet', () => packets++);
      parser.on('error', fail);
      parser.on('end', () => done(packets));
    }),

  // It has no end: it is done when it has given as many as there are.
  'pcap-ng-parser': ({ path, packets: expected }) =>
    timed((done, fail) => {
      let packets = 0;
      const parser = createReadStream(path).pipe(new PCAPNGParser());
      parser.on('data', () => ++packets === expected && done(packets));
      parser.on('error', fail);
    }),
});

/** @param {(done: (packets: number) => void, fail: (error: Error) => void) => void} read */
async function timed(read) {
  const startNs = nowNs();
  const packets = await new Promise(read);
  return { packets, seconds: toSeconds(nowNs() - startNs) };
}
