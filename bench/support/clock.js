// Clocks. CLOCK_MONOTONIC is the same in all processes of a machine, so a time taken in one process and a time taken in
// another can be subtracted.

const NS_PER_SECOND = 1e9;

/** CLOCK_MONOTONIC in ns. A double is exact for the first 104 days after boot, and off by a few ns after that. */
export function nowNs() {
  const [seconds, ns] = process.hrtime();
  return seconds * NS_PER_SECOND + ns;
}

/** @param {number} ns */
export function toSeconds(ns) {
  return ns / NS_PER_SECOND;
}

/** CPU seconds, user and system, that this process and all its threads have used so far. */
export function cpuSeconds() {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1e6;
}
