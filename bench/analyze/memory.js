// How much memory a process has had at most.

import { readFileSync } from 'node:fs';

/** Bytes (VmHWM of proc(5)); 0: it has ended. @param {number | undefined} pid */
export function peakMemory(pid) {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}
