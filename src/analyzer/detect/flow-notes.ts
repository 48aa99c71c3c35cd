// What the detector remembers of a flow. Made when there is something to remember, gone with the flow.

import type { FlowInts } from './flow-ints.js';
import type { FlowCounts } from './limits.js';
import { StreamWindow } from './stream-window.js';

/** One flow. */
export class FlowNotes {
  /** A pass rule has let the whole flow go. */
  passed = false;
  readonly streams = [new StreamWindow(), new StreamWindow()] as const;
  #bits: Set<string> | undefined;
  #ints: FlowInts | undefined;
  #counts: FlowCounts | undefined;
  #once: Set<number> | undefined;

  /** Bits that rules set. */
  get bits(): Set<string> {
    this.#bits ??= new Set();
    return this.#bits;
  }

  /** Numbers that rules count with. */
  get ints(): FlowInts {
    this.#ints ??= new Map();
    return this.#ints;
  }

  /** How often rules have matched that count by flow. */
  get counts(): FlowCounts {
    this.#counts ??= new Map();
    return this.#counts;
  }

  /** Rules that match once in each direction and have: times two, plus the direction. */
  get once(): Set<number> {
    this.#once ??= new Set();
    return this.#once;
  }

  /** Other rules: what has matched says nothing any more. */
  forgetMatches(): void {
    this.#once = undefined;
  }
}
