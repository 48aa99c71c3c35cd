// Writes packets to a savefile in a process of its own, for tests that need the process's limits, its standard output, or
// its end: write-savefile.js TARGET PACKETS CAPLEN. Says on standard error, as one line of JSON, how it went.

import { constants, readFileSync } from 'node:fs';
import { makePacket } from '../../dist/packet/packet-view.js';
import { FileSink } from '../../dist/sink/file.js';

const [target, packets, caplen] = process.argv.slice(2);
const interfaces = [{ index: 0, linktype: 1, snaplen: 0, section: 0, timestampSource: 'userspace', name: 'test0' }];
const batch = Array(100).fill(makePacket({ data: new Uint8Array(Number(caplen)), interface: interfaces[0] }));
process.once('SIGTERM', () => process.exit(0));

const report = {};
try {
  const sink = await FileSink.open({ target, fd: 1, interfaces });
  process.stderr.write('open\n');
  try {
    for (let given = 0; given < Number(packets) && report.outcome !== 'reader-gone'; given += batch.length)
      report.outcome = await sink.write(batch);
  } finally {
    report.nonBlocking = isNonBlocking(1);
    report.closed = await sink.close();
    Object.assign(report, { written: sink.written, unwritten: sink.unwritten });
  }
} catch ({ code, errno, path, message }) {
  report.error = { code, errno, path, message };
}
process.stderr.write(`${JSON.stringify(report)}\n`);

/** Whether O_NONBLOCK is set on the open file description, which other programs may share. */
function isNonBlocking(fd) {
  const [, flags] = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
  return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) !== 0;
}
