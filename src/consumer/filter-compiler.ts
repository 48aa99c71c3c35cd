// Asks the tap to compile a consumer's filter, one link type after the other, and puts the parts of the answer together.

import { encode } from '../control/codec.js';
import type { Connection } from '../control/connection.js';
import type { ProgramReply } from '../control/messages.js';
import { ProtocolError } from '../errors.js';

/** Of 1024 instructions each: what the kernel takes is four. */
const MAX_PARTS = 4;

/** A program of struct bpf_insn; or why there is none. */
export type Compiled = { readonly program: Uint8Array } | { readonly problem: string };

/** The consumer's end of `compile` and `program`. */
export class FilterCompiler {
  readonly #connection: Connection;
  readonly #filter: string;
  #parts: Uint8Array[] = [];
  #answer: ((compiled: Compiled) => void) | undefined;

  constructor(connection: Connection, filter: string) {
    this.#connection = connection;
    this.#filter = filter;
  }

  /** For packets of this LINKTYPE_* number. One call at a time. Never rejects. */
  compile(linktype: number): Promise<Compiled> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      if (!this.#connection.send(encode({ type: 'compile', filter: this.#filter, linktype }))) this.onClose();
    });
  }

  /** A part of the answer has come. */
  onProgram({ instructions, more, problem }: ProgramReply): void {
    // Attack: a tap that goes on for ever.
    if (this.#parts.push(instructions) > MAX_PARTS) throw new ProtocolError('ERR_TAP_PROTOCOL', 'a filter without end');
    if (more) return;
    const program = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#answer?.(problem === undefined ? { program } : { problem });
  }

  /** No answer will come any more. */
  onClose(): void {
    this.#answer?.({ problem: 'the tap has gone, which compiles filters' });
  }
}
