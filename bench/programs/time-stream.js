// Reads classic pcap with nanoseconds from standard input and takes the time from each packet's timestamp until it is here.
// Reads records itself: the least that any reader of a pipe must do.

import { FILE_HEADER_BYTES, RECORD_HEADER_BYTES } from '../support/classic-pcap.js';
import { LatencyLog } from '../support/latency-log.js';

const log = new LatencyLog();
let rest = Buffer.alloc(0);
let skip = FILE_HEADER_BYTES;
process.on('SIGINT', () => {});
console.log('listening');
process.stdin.on('data', (chunk) => {
  const now = log.now();
  const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  let at = skip;
  skip = 0;
  while (at + RECORD_HEADER_BYTES <= bytes.length) {
    const next = at + RECORD_HEADER_BYTES + bytes.readUInt32LE(at + 8);
    if (next > bytes.length) break;
    log.add(now, bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4));
    at = next;
  }
  rest = bytes.subarray(at);
});
process.stdin.on('end', () => console.log(log.toString()));
