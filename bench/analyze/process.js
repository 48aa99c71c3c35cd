// What a process has taken of the machine so far, by proc(5).

import { readFileSync } from 'node:fs';

/** Of proc's clock, which is the same everywhere. */
const TICKS_PER_SECOND = 100;

/** Bytes of memory, at most (VmHWM); 0: it has ended. @param {number | undefined} pid */
export function peakMemory(pid) {
  const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return Number(kib ?? 0) * 1024;
}

/** Seconds of CPU time, user and system, of all its threads; 0: it has ended. @param {number | undefined} pid */
export function cpuSecondsOf(pid) {
  // Behind the name, which may contain anything, in parentheses.
  const [, fields] = /^.*\) (.*)$/m.exec(read(`/proc/${pid}/stat`)) ?? [];
  const [user, system] = (fields ?? '').split(' ').slice(11, 13).map(Number);
  return fields === undefined ? 0 : (user + system) / TICKS_PER_SECOND;
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
