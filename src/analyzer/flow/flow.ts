// A flow as those see it that report it: one reused object that looks at a record of the store. Valid only during the
// call that it was handed to.

import type { FlowEnds } from './flow-key.js';
import { Beginning, Float, type FlowStore, Word } from './flow-store.js';

/** Why a flow ended: silence, room for a new one, the end of the capture, or a new connection between the same ports. */
export type FlowEndReason = 'timeout' | 'forced' | 'shutdown' | 'tcp_reuse';

/** One flow. The client is the sender of its first packet, but for TCP flows first seen in their SYN+ACK. */
export class Flow implements FlowEnds {
  readonly #store: FlowStore;
  #flow = 0;

  constructor(store: FlowStore) {
    this.#store = store;
  }

  /** Looks at another record. For the table. */
  moveTo(flow: number): this {
    this.#flow = flow;
    return this;
  }

  /** The record's index: the flow's as long as it goes on, then another's. */
  get index(): number {
    return this.#flow;
  }

  get ipVersion(): number {
    return (this.#word(Word.kind) >>> 8) & 15;
  }

  get protocol(): number {
    return this.#word(Word.kind) & 0xff;
  }

  /** How many tunnels its packets came through. */
  get depth(): number {
    return this.#word(Word.kind) >>> 12;
  }

  /** The client's port; see {@link FlowEnds}. */
  get srcPort(): number {
    return this.#word(Word.ports) >>> 16;
  }

  /** The server's port. */
  get dstPort(): number {
    return this.#word(Word.ports) & 0xffff;
  }

  srcWord(index: number): number {
    return this.#word(Word.addresses + 2 * index);
  }

  dstWord(index: number): number {
    return this.#word(Word.addresses + 2 * index + 1);
  }

  /** Whether there is any tag. */
  get hasVlans(): boolean {
    return this.#word(Word.vlans) !== 0;
  }

  /** VLAN ids, the outer first; at most two. */
  get vlans(): number[] {
    const word = this.#word(Word.vlans);
    return [word & 0xffff, word >>> 16].filter((id) => id > 0).map((id) => id - 1);
  }

  /** Index of the interface that the first packet came in through. */
  get interfaceIndex(): number {
    return this.#store.beginning(this.#flow, Beginning.interfaceIndex);
  }

  /** Number of the flow in its table, from 0. */
  get serial(): number {
    return this.#store.beginning(this.#flow, Beginning.serial);
  }

  /** A {@link FlowState}. */
  get state(): number {
    return this.#word(Word.flowState);
  }

  /** A {@link TcpState}; 0 for other protocols. */
  get tcpState(): number {
    return this.#word(Word.tcpState);
  }

  /** TCP flags that the client set; for ICMP its first type * 256 + code + 1 (0: none was seen). */
  get toServerFlags(): number {
    return this.#word(Word.toServerFlags);
  }

  /** The same for the server. */
  get toClientFlags(): number {
    return this.#word(Word.toClientFlags);
  }

  /** Time of the first packet: whole seconds since the Unix epoch, and nanoseconds within the second. */
  get startSec(): number {
    return this.#store.startSec(this.#flow);
  }

  get startNsec(): number {
    return this.#store.beginning(this.#flow, Beginning.nsec);
  }

  /** Time of the last packet. */
  get endSec(): number {
    return this.#float(Float.endSec);
  }

  get endNsec(): number {
    return this.#word(Word.endNsec);
  }

  get pktsToServer(): number {
    return this.#float(Float.pktsToServer);
  }

  get pktsToClient(): number {
    return this.#float(Float.pktsToClient);
  }

  /** Bytes on the wire, link layer included. */
  get bytesToServer(): number {
    return this.#float(Float.bytesToServer);
  }

  get bytesToClient(): number {
    return this.#float(Float.bytesToClient);
  }

  #word(word: number): number {
    return this.#store.word(this.#flow, word);
  }

  #float(float: number): number {
    return this.#store.float(this.#flow, float);
  }
}
