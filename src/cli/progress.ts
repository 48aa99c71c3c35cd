// A count that goes up once a second, on a terminal and nowhere else.

/** Prints `Packets: N` over itself. */
export class Progress {
  readonly #timer: NodeJS.Timeout | undefined;
  #printed = false;

  constructor(count: () => number, quiet: boolean) {
    if (quiet || !process.stderr.isTTY) return;
    this.#timer = setInterval(() => {
      process.stderr.write(`\rPackets: ${count()} `);
      this.#printed = true;
    }, 1000);
    this.#timer.unref();
  }

  /** Leaves the last count standing on a line of its own. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#printed) process.stderr.write('\n');
    this.#printed = false;
  }
}
