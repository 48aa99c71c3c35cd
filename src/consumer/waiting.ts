// How a consumer waits: it sleeps until the tap rings, or, if it pays for latency, looks again and again before that.

import type { Lanes } from '../ring/lanes.js';

/** Milliseconds between two looks at signals, timers and sockets while we spin. */
const SPIN_MS = 0.05;

/** The longest a timer can have. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** One consumer's waiting; one call at a time. */
export class Waiting {
  readonly #lanes: Lanes;
  readonly #spinMs: number;
  #wake: () => void = () => {};
  #closed = false;

  /** `busyPoll`: microseconds to spin before sleeping; true: never sleep. */
  constructor(lanes: Lanes, busyPoll: number | boolean = 0) {
    this.#lanes = lanes;
    this.#spinMs = busyPoll === true ? Infinity : Number(busyPoll) / 1000;
  }

  /** Ends the waiting: something has happened that is worth a look. */
  wake(): void {
    this.#wake();
  }

  /** The lanes' memory is about to go. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Until `isReady` says so, somebody calls wake(), or the time of performance.now() has come. */
  async wait(isReady: () => boolean, endMs: number): Promise<void> {
    let isWoken = false;
    const woken = new Promise<void>((resolve) => {
      this.#wake = () => {
        isWoken = true;
        resolve();
      };
    });
    if (this.#spinMs > 0 && (await this.#spin(() => isWoken || isReady(), endMs))) return;
    if (isWoken) return;
    this.#lanes.sleep();
    // The tap may have published, or ended, just before it could see that we sleep.
    if (!isReady()) await this.#until(woken, endMs);
    if (!this.#closed) this.#lanes.wake();
  }

  async #until(woken: Promise<void>, endMs: number): Promise<void> {
    if (endMs === Infinity) return await woken;
    const timer = setTimeout(() => this.#wake(), Math.min(endMs - performance.now(), MAX_TIMER_MS));
    await woken;
    clearTimeout(timer);
  }

  /** False: to no avail. */
  async #spin(isReady: () => boolean, endMs: number): Promise<boolean> {
    const spinEndMs = Math.min(performance.now() + this.#spinMs, endMs);
    for (;;) {
      const turnEndMs = performance.now() + SPIN_MS;
      while (performance.now() < turnEndMs) if (isReady()) return true;
      if (performance.now() >= spinEndMs) return false;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
