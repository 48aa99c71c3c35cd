// How long somebody may take to answer. Time in which this process itself stood still, because it was stopped or the machine
// slept, is not held against others: what they have said by then is heard before the time is over.

/** Calls back once, after so many milliseconds, unless it is cleared. */
export class Deadline {
  readonly #timer: NodeJS.Timeout;
  #lastTurn: NodeJS.Immediate | undefined;

  constructor(ms: number, onOver: () => void) {
    // After a standstill the event loop comes to its timers first and to its sockets then, and a connection may leave what has
    // come for the end of that turn (see Connection): so it is over in the turn after that.
    this.#timer = setTimeout(() => {
      this.#lastTurn = setImmediate(() => {
        this.#lastTurn = setImmediate(onOver);
      });
    }, ms);
  }

  clear(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#lastTurn);
  }
}
