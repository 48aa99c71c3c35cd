// Starts replay after replay in one turn of the garbage collector, or one where the system has no thread to give:
// replay-threads.js many | none. Prints JSON: how the replays ended, and by how many bytes the address space grew.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { core } from '../../dist/native/core.js';
import { ReplaySource } from '../../dist/source/replay.js';

const REPLAYS = 200;
/** Of no account here: RLIMIT_NPROC counts the threads of a user, and doesn't hold for root. */
const STRANGER = 61_234;

const ring = core().createRing(1 << 20, 1000, 0n, 0n);

function replay() {
  const source = new ReplaySource(['/dev/null'], {});
  return new Promise((resolve) => source.start(ring, ({ error }) => resolve(error?.message ?? 'finished')));
}

function addressSpace() {
  return Number(/VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}

const ends = new Set([await replay()]);
const before = addressSpace();
if (process.argv[2] === 'none') {
  process.setgid(STRANGER);
  process.setuid(STRANGER);
  execFileSync('prlimit', ['--pid', String(process.pid), '--nproc=0:0']);
  ends.add(await replay());
} else {
  for (let i = 0; i < REPLAYS; ++i) ends.add(await replay());
}
console.log(JSON.stringify({ ends: [...ends], grewBytes: addressSpace() - before }));
