// What a flow has come to, as rules ask for it: its age, its packets and bytes, and how far its streams are.

import type { FlowTable } from '../flow/flow-table.js';
import type { FlowCounts } from '../rules/packet-facts.js';

const NO_STREAM = 0;

/** A TCP segment. */
export interface SegmentEnd {
  readonly direction: number;
  /** The sequence number behind its last byte, its SYN counted. */
  readonly nextSeq: number;
  readonly isSyn: boolean;
}

/** Looks at one flow after another; what it says is valid until the next. */
export class FlowProgress implements FlowCounts {
  readonly #flows: FlowTable;
  /** By twice the flow's index plus the direction. Beyond 2 GiB it stays what it is. */
  readonly #streams: number[] = [];
  #flow = 0;

  constructor(flows: FlowTable) {
    this.#flows = flows;
  }

  /** Looks at another flow. */
  at(flow: number): this {
    this.#flow = flow;
    return this;
  }

  get ageSeconds(): number {
    const { startSec, endSec } = this.#flows.flow(this.#flow);
    return endSec - startSec;
  }

  packets(direction: number): number {
    const { pktsToServer, pktsToClient } = this.#flows.flow(this.#flow);
    return direction === 0 ? pktsToServer : pktsToClient;
  }

  bytes(direction: number): number {
    const { bytesToServer, bytesToClient } = this.#flows.flow(this.#flow);
    return direction === 0 ? bytesToServer : bytesToClient;
  }

  streamBytes(direction: number): number | undefined {
    const length = (ofDirection: number) => this.#streams[2 * this.#flow + ofDirection] ?? NO_STREAM;
    return length(0) === NO_STREAM ? undefined : length(direction);
  }

  /** Takes note of a segment. Streams of which a SYN is missing have no length. */
  see(flow: number, { direction, nextSeq, isSyn }: SegmentEnd): void {
    const at = 2 * flow + direction;
    const before = this.#streams[at] ?? NO_STREAM;
    if (isSyn && before === NO_STREAM) this.#streams[at] = 1;
    if (!this.#flows.hasBothSyns(flow)) return;
    this.#streams[at] = Math.max(before, ((nextSeq - this.#flows.firstSeq(flow, direction)) | 0) + 1);
  }

  /** The flow is over. */
  forget(flow: number): void {
    this.#streams[2 * flow] = NO_STREAM;
    this.#streams[2 * flow + 1] = NO_STREAM;
  }
}
