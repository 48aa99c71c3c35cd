// The application layer of one flow: tells the protocol by the first bytes of either direction, whatever the port, and
// hands all bytes on to its parser, those first ones included. What is not known after MAX_PROBE_BYTES in a direction, in
// both or after a gap, is `failed`, and then nothing is kept or looked at any more.

import type { AppFlow, AppListener, AppParser, AppProtocol, StreamHandler } from './app-types.js';
import { Verdict } from './app-types.js';
import { PROTOCOLS } from './protocols.js';

export * from './app-types.js';

/** How many bytes of a direction are looked at to recognise its protocol. */
export const MAX_PROBE_BYTES = 256;

const NOTHING = new Uint8Array(0);

/** One per flow with payload, TCP or UDP. */
export class AppLayer implements StreamHandler {
  readonly #listener: AppListener;
  readonly #flow: AppFlow;
  /** What came before the protocol was known, by direction. */
  readonly #heads: [Uint8Array, Uint8Array] = [NOTHING, NOTHING];
  readonly #hopeless = [false, false];
  #parser: AppParser | undefined;
  #failed = false;
  #reversed = false;

  constructor(listener: AppListener, flow: AppFlow) {
    this.#listener = listener;
    this.#flow = flow;
  }

  /** `failed` once given up, undefined while unknown. */
  get protocol(): AppProtocol | 'failed' | undefined {
    return this.#failed ? 'failed' : this.#parser?.protocol;
  }

  /** Nothing more will be looked at: whoever reassembles for this flow may stop. */
  get done(): boolean {
    return this.#failed || this.#parser?.done === true;
  }

  /**
   * The first packet came from the server: the capture began between a question and its answer. All directions that the
   * listener is told are the protocol's own; whoever reports the flow's ends swaps them.
   */
  get reversed(): boolean {
    return this.#reversed;
  }

  data(direction: number, bytes: Uint8Array): void {
    if (this.#failed || bytes.length === 0) return;
    if (this.#parser !== undefined) this.#parser.data(this.#own(direction), bytes);
    else this.#probe(direction, bytes);
  }

  gap(direction: number, length: number): void {
    if (this.#parser !== undefined) this.#parser.gap(this.#own(direction), length);
    else this.#giveUp(direction);
  }

  close(): void {
    this.#parser?.close();
    if (this.#parser === undefined) this.#failed = true;
  }

  #probe(direction: number, bytes: Uint8Array): void {
    if (this.#hopeless[direction]) return;
    const head = joined(this.#heads[direction]!, bytes);
    let undecided = false;
    for (const entry of PROTOCOLS) {
      if (!entry.transports.includes(this.#flow.protocol)) continue;
      const verdict = entry.probe(direction, head, this.#flow);
      if (verdict >= Verdict.yes) {
        this.#reversed = verdict === Verdict.reversed;
        return this.#begin(entry.create(this.#listener, this.#flow), direction, head);
      }
      if (verdict === Verdict.needsMore) undecided = true;
    }
    if (!undecided || head.length >= MAX_PROBE_BYTES) this.#giveUp(direction);
    else this.#heads[direction] = head === bytes ? head.slice() : head;
  }

  /** The other direction's head came first. */
  #begin(parser: AppParser, direction: number, head: Uint8Array): void {
    const other = this.#heads[1 - direction]!;
    this.#heads[0] = NOTHING;
    this.#heads[1] = NOTHING;
    this.#parser = parser;
    if (other.length > 0) parser.data(this.#own(1 - direction), other);
    parser.data(this.#own(direction), head);
  }

  #own(direction: number): number {
    return this.#reversed ? 1 - direction : direction;
  }

  #giveUp(direction: number): void {
    this.#hopeless[direction] = true;
    this.#heads[direction] = NOTHING;
    this.#failed = this.#hopeless[1 - direction]!;
  }
}

function joined(head: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (head.length === 0) return bytes;
  const both = new Uint8Array(head.length + bytes.length);
  both.set(head);
  both.set(bytes, head.length);
  return both;
}
