// How long packets took from their timestamps (CLOCK_REALTIME, as the kernel's are) until somebody has them.

import { percentile } from './sample.js';

const NS_PER_MS = 1e6;
const CALIBRATIONS = 20;

export class LatencyLog {
  /** @type {number[]} */
  #latencies = [];
  // Seconds since 1970 don't fit into a double with their nanoseconds: times are relative to the second of the start.
  #second = Math.floor(Date.now() / 1000);
  #monotonicNs = this.#calibrate();

  /** The present, for add(). */
  now() {
    const [seconds, ns] = process.hrtime();
    return seconds * 1e9 + ns - this.#monotonicNs;
  }

  /** @param {number} now @param {number} seconds @param {number} ns since 1970 */
  add(now, seconds, ns) {
    this.#latencies.push(now - ((seconds - this.#second) * 1e9 + ns));
  }

  /** For the bench, a line of JSON: microseconds. */
  toString() {
    const at = (/** @type {number} */ share) => percentile(this.#latencies, share) / 1000;
    return JSON.stringify({ packets: this.#latencies.length, p50Us: at(0.5), p99Us: at(0.99) });
  }

  /**
   * CLOCK_MONOTONIC at the second of the start. Node tells CLOCK_REALTIME in ms only, so the beginnings of some are waited
   * for; whatever interrupts that makes the difference larger, so that the least is the best.
   */
  #calibrate() {
    return Math.min(...Array.from({ length: CALIBRATIONS }, () => this.#oneCalibration()));
  }

  #oneCalibration() {
    const before = Date.now();
    let ms = before;
    while (ms === before) ms = Date.now();
    const [seconds, ns] = process.hrtime();
    return seconds * 1e9 + ns - (ms - this.#second * 1000) * NS_PER_MS;
  }
}
