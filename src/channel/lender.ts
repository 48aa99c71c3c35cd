// The memory that a sender lends for its long messages. It belongs to one sender, so that no receiver can look at what
// another one gets. What it holds is bounded, and given back to the kernel when it was idle for some seconds; what receivers
// still look at lives on with them.

import { setImmediate, setTimeout } from 'node:timers/promises';
import { core, type NativeMapping } from '../native/core.js';
import { IdleTimer } from './idle-timer.js';
import { LOAN_OFFSET } from './loan.js';

/** Pieces of memory, and with them descriptors. */
const MAX_PIECES = 16;

/** In bytes, of all pieces. */
const MAX_POOL_BYTES = 64 << 20;

/** The smallest piece, in bytes; others are a power of two. */
const MIN_PIECE_BYTES = 128 << 10;

/** So long somebody waits for memory to come back: at first looking again and again, for receivers that are as fast as this. */
const BUSY_MS = 0.1;
const PATIENCE_MS = 100;

/** A message in memory that is lent. */
export interface Loan {
  /** The lender's own: valid until it lends again, or is closed. */
  readonly fd: number;
  readonly number: number;
  /** Takes back what was not sent. */
  cancel(): void;
}

/** Closed by close(); it can lend again afterwards. */
export class Lender {
  /** The one lent last comes last: it is tried first, as it is in the processor's cache. */
  readonly #pieces: Piece[] = [];
  readonly #idle = new IdleTimer(() => this.close());

  /** A copy of the bytes. Throws a NativeFailure where memory or descriptors run out. */
  lend(bytes: Uint8Array): Loan {
    const piece = this.#take(bytes.length) ?? this.#make(bytes.length);
    this.#pieces.push(piece);
    this.#idle.touch();
    return piece.lend(bytes);
  }

  /** Whether the next message of the last one's size needs memory beyond what this holds. */
  get isUsedUp(): boolean {
    const size = this.#pieces.at(-1)?.bytes.length ?? 0;
    return size > 0 && this.#isFull(size) && this.#find(size) < 0;
  }

  /**
   * Waits until it is no longer used up, so that a sender doesn't run away from its receiver. One that gives nothing back
   * for a while keeps what it has, and the next messages get new memory.
   */
  async recover(): Promise<void> {
    const start = performance.now();
    while (this.isUsedUp) {
      const waited = performance.now() - start;
      if (waited > PATIENCE_MS) return this.close();
      await (waited < BUSY_MS ? setImmediate() : setTimeout(1));
    }
  }

  close(): void {
    this.#idle.stop();
    for (const piece of this.#pieces.splice(0)) piece.close();
  }

  #take(bytes: number): Piece | undefined {
    const at = this.#find(bytes);
    return at < 0 ? undefined : this.#pieces.splice(at, 1)[0];
  }

  #find(bytes: number): number {
    return this.#pieces.findLastIndex((piece) => piece.bytes.length >= bytes && piece.isFree);
  }

  #isFull(more: number): boolean {
    const held = this.#pieces.reduce((sum, piece) => sum + piece.bytes.length, more);
    return this.#pieces.length >= MAX_PIECES || held > MAX_POOL_BYTES;
  }

  /** Lets go of what was lent longest ago if there is too much: its receiver keeps it, or nobody gives it back. */
  #make(bytes: number): Piece {
    const size = Math.max(MIN_PIECE_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
    while (this.#isFull(size)) this.#pieces.shift()?.close();
    return new Piece(size);
  }
}

/** One piece of memory, lent to nobody or for one message. */
class Piece {
  readonly bytes: Uint8Array;
  readonly fd: number;
  readonly #memory: NativeMapping;
  readonly #givenBack: Uint32Array;
  #number = 0;
  #isLent = false;

  constructor(bytes: number) {
    const memory = core().createShared(LOAN_OFFSET + bytes);
    this.fd = memory.fd;
    this.#memory = memory;
    this.#givenBack = new Uint32Array(memory.buffer, 0, 1);
    this.bytes = new Uint8Array(memory.buffer, LOAN_OFFSET);
  }

  /** ORDERING: pairs with the borrower's store, after which it doesn't look at the bytes any more. */
  get isFree(): boolean {
    return !this.#isLent || Atomics.load(this.#givenBack, 0) === this.#number;
  }

  lend(bytes: Uint8Array): Loan {
    this.bytes.set(bytes);
    this.#isLent = true;
    this.#number = (this.#number + 1) >>> 0;
    const cancel = () => {
      this.#isLent = false;
    };
    return { fd: this.fd, number: this.#number, cancel };
  }

  close(): void {
    this.#memory.unmap();
    core().closeFd(this.fd);
  }
}
