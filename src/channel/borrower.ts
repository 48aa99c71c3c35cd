// What a receiver borrows: memory of its senders, mapped here for as long as it keeps coming. Which memory a message lies in
// is the kernel's word, not the sender's: no sender can pass off another one's memory as its own.

import { fstatSync } from 'node:fs';
import { ProtocolError } from '../errors.js';
import { core, type NativeMapping } from '../native/core.js';
import { IdleTimer } from './idle-timer.js';
import { LOAN_OFFSET, MAX_LOAN_BYTES } from './loan.js';

/** Mappings that are kept for the next message. A sender has no more. */
const MAX_KEPT = 16;

/** What a message says of its loan. */
export interface LoanTerms {
  readonly bytes: number;
  readonly number: number;
}

/** A message in its sender's memory, until it is released, once. */
export interface Borrowed {
  readonly bytes: Uint8Array;
  release(): void;
}

/** A receiver's. */
export class Borrower {
  readonly #kept = new Map<string, NativeMapping>();
  readonly #idle = new IdleTimer(() => this.#forget(0));
  #isOpen = true;

  /** The descriptor stays the caller's. Throws ProtocolError or a NativeFailure for memory that isn't as it must be. */
  borrow(fd: number, { bytes, number }: LoanTerms): Borrowed {
    const { dev, ino } = fstatSync(fd);
    const id = `${dev}:${ino}`;
    const memory = this.#kept.get(id) ?? core().mapShared(fd, LOAN_OFFSET, LOAN_OFFSET + MAX_LOAN_BYTES);
    this.#kept.delete(id);
    const { buffer } = memory;
    const release = () => {
      // ORDERING: pairs with the lender's load: all that was read before is read before it writes again.
      Atomics.store(new Uint32Array(buffer, 0, 1), 0, number);
      this.#keep(id, memory);
    };
    // Attack: a length beyond the memory.
    if (bytes <= buffer.byteLength - LOAN_OFFSET) return { bytes: new Uint8Array(buffer, LOAN_OFFSET, bytes), release };
    release();
    throw new ProtocolError('ERR_TAP_PROTOCOL', `bad message: ${bytes} bytes in memory of ${buffer.byteLength}`);
  }

  /** What is borrowed stays where it is. */
  close(): void {
    this.#isOpen = false;
    this.#idle.stop();
    this.#forget(0);
  }

  #keep(id: string, memory: NativeMapping): void {
    if (!this.#isOpen) return memory.unmap();
    this.#kept.get(id)?.unmap();
    this.#kept.set(id, memory);
    this.#forget(MAX_KEPT);
    this.#idle.touch();
  }

  /** All but so many, the latest. */
  #forget(keep: number): void {
    for (const [id, memory] of this.#kept) {
      if (this.#kept.size <= keep) return;
      this.#kept.delete(id);
      memory.unmap();
    }
  }
}
