// Reads savefiles one after the other in a process of its own, for tests of the memory that takes: read-savefiles.js FILE...
// Prints a line of JSON for each: how it ended, and by how many bytes the process's largest size in memory grew.

import { readFileSync, writeFileSync } from 'node:fs';
import { core } from '../../dist/native/core.js';
import { ReplaySource } from '../../dist/source/replay.js';

const ring = core().createRing(1 << 20, 1000, 0n, 0n);

function replay(path) {
  const source = new ReplaySource([path], { pace: { kind: 'topspeed' } });
  return new Promise((resolve) => source.start(ring, (end) => resolve({ ...end, packets: source.result.packets })));
}

/** Bytes, of a field of /proc/self/status. */
function memory(field) {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}

// The first file of all brings the modules and the thread with it.
await replay('/dev/null');
for (const path of process.argv.slice(2)) {
  // 5: the largest size is from now on.
  writeFileSync('/proc/self/clear_refs', '5');
  const before = memory('VmRSS');
  const { reason, error, packets } = await replay(path);
  const { code, byteOffset } = error ?? {};
  console.log(JSON.stringify({ path, reason, code, byteOffset, packets, grewBytes: memory('VmHWM') - before }));
}
