// A flow's direction as rules see it when they look at its stream or at a transaction: its ends, and no packet of its own.

import type { Flow } from '../flow/flow.js';
import type { FlowCounts, PacketFacts } from '../rules/packet-facts.js';

const NOTHING = new Uint8Array(0);

/** Filled for one look after another; the flow must stay valid meanwhile. */
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
  flowCounts: FlowCounts | undefined;
  payload: Uint8Array = NOTHING;
  streamOffset = 0;
  sec = 0;
  nsec = 0;
  flow = -1;
  direction = 0;
  readonly established = true;
  readonly hasStream = true;
  appProtocol: string | undefined;
  readonly #words = new Uint32Array(8);

  /** `direction`: whose bytes are looked at. */
  fill(flow: Flow, direction: number, appProtocol: string | undefined): this {
    const back = direction === 1;
    this.ipVersion = flow.ipVersion;
    this.protocol = flow.protocol;
    this.srcPort = back ? flow.dstPort : flow.srcPort;
    this.dstPort = back ? flow.srcPort : flow.dstPort;
    for (let i = 0; i < 4; i++) {
      this.#words[i] = back ? flow.dstWord(i) : flow.srcWord(i);
      this.#words[4 + i] = back ? flow.srcWord(i) : flow.dstWord(i);
    }
    this.flow = flow.index;
    this.direction = direction;
    this.appProtocol = appProtocol;
    this.payload = NOTHING;
    this.streamOffset = 0;
    return this;
  }

  header(): undefined {
    return undefined;
  }

  srcWord(index: number): number {
    return this.#words[index]!;
  }

  dstWord(index: number): number {
    return this.#words[4 + index]!;
  }
}
