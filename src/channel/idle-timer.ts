// Memory that is kept for the next message is not kept for ever: this says when.

const IDLE_MS = 3000;

/** Calls back when it was not touched for three seconds. Keeps no process alive. */
export class IdleTimer {
  readonly #callback: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(callback: () => void) {
    this.#callback = callback;
  }

  touch(): void {
    this.#timer ??= setTimeout(this.#callback, IDLE_MS).unref();
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
