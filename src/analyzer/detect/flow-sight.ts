// A flow's direction as rules see it when they look at its stream or at a transaction: its ends, and no packet of its own.

import type { FlowTable } from '../flow/flow-table.js';
import type { FlowCounts, PacketFacts } from '../rules/packet-facts.js';
import type { FlowProgress } from './flow-counts.js';

const NOTHING = new Uint8Array(0);

/** What is known of flows. */
export interface FlowContext {
  readonly flows: FlowTable;
  readonly progress: FlowProgress;
  readonly appProtocol: (flow: number) => string | undefined;
}

/** Filled for one look after another. */
export class FlowSight implements PacketFacts {
  ipVersion = 0;
  protocol = -1;
  srcPort = -1;
  dstPort = -1;
  readonly ttl = -1;
  readonly tos = -1;
  readonly ipId = -1;
  readonly ipFlags = -1;
  readonly fragmentOffset = -1;
  readonly tcpFlags = -1;
  readonly tcpSeq = -1;
  readonly tcpAck = -1;
  readonly tcpWindow = -1;
  readonly icmpType = -1;
  readonly icmpCode = -1;
  readonly icmpId = -1;
  readonly icmpSeq = -1;
  readonly isRebuilt = false;
  payload: Uint8Array = NOTHING;
  streamOffset = 0;
  sec = 0;
  nsec = 0;
  flow = -1;
  direction = 0;
  readonly established = true;
  readonly hasStream = true;
  readonly isEncrypted = false;
  readonly #context: FlowContext;
  readonly #words = new Uint32Array(8);
  #isLoaded = false;

  constructor(context: FlowContext) {
    this.#context = context;
  }

  /** `direction`: whose bytes are looked at. */
  fill(index: number, direction: number): this {
    const flow = this.#context.flows.flow(index);
    const back = direction === 1;
    this.ipVersion = flow.ipVersion;
    this.protocol = flow.protocol;
    this.srcPort = back ? flow.dstPort : flow.srcPort;
    this.dstPort = back ? flow.srcPort : flow.dstPort;
    this.flow = index;
    this.direction = direction;
    this.payload = NOTHING;
    this.streamOffset = 0;
    this.#isLoaded = false;
    return this;
  }

  get appProtocol(): string | undefined {
    return this.#context.appProtocol(this.flow);
  }

  get flowCounts(): FlowCounts {
    return this.#context.progress.at(this.flow);
  }

  header(): undefined {
    return undefined;
  }

  srcWord(index: number): number {
    if (!this.#isLoaded) this.#loadAddresses();
    return this.#words[index]!;
  }

  dstWord(index: number): number {
    if (!this.#isLoaded) this.#loadAddresses();
    return this.#words[4 + index]!;
  }

  #loadAddresses(): void {
    const flow = this.#context.flows.flow(this.flow);
    const back = this.direction === 1;
    for (let i = 0; i < 4; i++) {
      this.#words[i] = back ? flow.dstWord(i) : flow.srcWord(i);
      this.#words[4 + i] = back ? flow.srcWord(i) : flow.dstWord(i);
    }
    this.#isLoaded = true;
  }
}
