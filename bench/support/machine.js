// The machine, in one line: a number without it means nothing.

import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** `load`: of the last minute, as of now; above the bench's own, somebody else is using the machine. */
export function describeMachine() {
  const models = cpus().map(({ model }) => model.trim());
  return {
    cpu: models[0] ?? 'unknown CPU',
    cores: models.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0],
    kernel: release(),
    node: process.version,
    tcpdump: tcpdumpVersion(),
  };
}

function tcpdumpVersion() {
  const [tcpdump = '', libpcap = ''] = execFileSync('tcpdump', ['--version'], { encoding: 'utf8' }).split('\n');
  return `${tcpdump}, ${libpcap}`.replaceAll(' version', '');
}
