// A clock for how long something plays: it stands still while that is paused, and tells when the time is over.

/** Calls back once, when it has run for so long. Does not keep the event loop alive. */
export class PlayTime {
  readonly #onOver: () => void;
  #leftMs: number;
  #sinceMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(durationMs: number, onOver: () => void) {
    this.#leftMs = durationMs;
    this.#onOver = onOver;
  }

  run(): void {
    if (this.#timer !== undefined) return;
    this.#sinceMs = performance.now();
    this.#timer = setTimeout(this.#onOver, this.#leftMs);
    this.#timer.unref();
  }

  pause(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#sinceMs));
  }
}
