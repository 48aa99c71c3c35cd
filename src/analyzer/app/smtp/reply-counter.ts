// Which reply belongs to which command: a server answers each once, in order, after its greeting. Only the commands whose
// answer somebody awaits are remembered, the newest of each kind being enough: at most MAX_AWAITED.

const MAX_AWAITED = 16;

export class ReplyCounter {
  #asked = 0;
  #answered = 0;
  readonly #awaited = new Map<number, (code: number) => void>();

  /** A command was sent; its number, the greeting being 0. */
  ask(): number {
    return ++this.#asked;
  }

  /** `then` is told the code that answers the command. */
  await(command: number, then: (code: number) => void): void {
    if (this.#awaited.size >= MAX_AWAITED) this.#awaited.delete(this.#awaited.keys().next().value!);
    this.#awaited.set(command, then);
  }

  /** A whole reply came. False: nobody had asked for it. */
  reply(code: number): boolean {
    if (this.#answered > this.#asked) return false;
    const then = this.#awaited.get(this.#answered);
    this.#awaited.delete(this.#answered);
    this.#answered++;
    then?.(code);
    return true;
  }
}
