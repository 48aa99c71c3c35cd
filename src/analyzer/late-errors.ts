// What listeners throw comes out once the packets at hand have been looked at: thrown from the middle of one, it would take
// what is left of that packet, and those behind it, out of flows, rules and counters.

/** One for an analyzer. */
export class LateErrors {
  /** In a list of one, as anything can be thrown. */
  #first: [unknown] | undefined;

  /** The listener, which doesn't throw any more. */
  keeping<Args extends unknown[]>(listener: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      try {
        listener(...args);
      } catch (error) {
        this.#first ??= [error];
      }
    };
  }

  /** Throws what was thrown first since the last call; of several, the others are dropped. */
  throwFirst(): void {
    if (this.#first === undefined) return;
    const [error] = this.#first;
    this.#first = undefined;
    throw error;
  }
}
