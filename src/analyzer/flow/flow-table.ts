// The flows that are going on. Time is the packets' own, never the clock's. The table never holds more than maxFlows:
// when it is full, the flow that has been silent for longest ends, and that is counted.

import { IpProtocol } from '../../index.js';
import { Flow, type FlowEndReason } from './flow.js';
import { FlowIndex, ports } from './flow-index.js';
import { ADDRESS_WORDS, FlowKey } from './flow-key.js';
import { FlowList } from './flow-list.js';
import { Float, FlowStore, NO_FLOW, Word } from './flow-store.js';
import { FlowState, flowStateOfTcp, TIMEOUT_CLASSES, timeoutClass, timeoutSeconds } from './flow-timeouts.js';
import { nextTcpState, TcpFlag } from './tcp-state.js';

/** Default of {@link FlowTable}'s maxFlows: 36 MiB of records when all are in use. */
export const DEFAULT_MAX_FLOWS = 262_144;

/** What a packet adds to its flow. */
export class FlowSighting {
  readonly key = new FlowKey();
  tsSec = 0;
  tsNsec = 0;
  /** Bytes on the wire. */
  bytes = 0;
  /** TCP flags, or ICMP type * 256 + code + 1; 0 for other protocols. */
  flags = 0;
  interfaceIndex = 0;
}

/** Called with every flow that ends; the flow object is valid during the call only. */
export type OnFlowEnd = (flow: Flow, reason: FlowEndReason) => void;

/** All flows of an analyzer. */
export class FlowTable {
  readonly #store: FlowStore;
  readonly #index: FlowIndex;
  readonly #lists: readonly FlowList[];
  readonly #view: Flow;
  readonly #onEnd: OnFlowEnd;
  #indexed: number;
  #now = Number.NaN;
  #active = 0;
  #started = 0;
  #forced = 0;
  #reused = 0;

  /** `maxFlows`: 1 or more. */
  constructor(onEnd: OnFlowEnd, maxFlows = DEFAULT_MAX_FLOWS) {
    this.#onEnd = onEnd;
    this.#store = new FlowStore(maxFlows);
    this.#index = new FlowIndex(this.#store);
    this.#lists = Array.from({ length: TIMEOUT_CLASSES }, () => new FlowList(this.#store));
    this.#view = new Flow(this.#store);
    this.#indexed = this.#store.capacity;
  }

  /** Flows going on. */
  get active(): number {
    return this.#active;
  }

  /** Flows seen so far. */
  get started(): number {
    return this.#started;
  }

  /** Flows that ended to make room. */
  get forced(): number {
    return this.#forced;
  }

  /** TCP flows that ended because a new connection took their ports. */
  get reused(): number {
    return this.#reused;
  }

  /** Adds a packet to its flow, which begins with it if need be. Flows that have been silent for too long end first. */
  add(seen: FlowSighting): void {
    if (seen.tsSec !== this.#now) this.#advance(seen.tsSec);
    const hash = this.#index.hash(seen.key);
    let flow = this.#index.find(seen.key, hash);
    if (flow !== NO_FLOW && this.#isNewConnection(flow, seen)) {
      this.#reused++;
      this.#end(flow, 'tcp_reuse');
      flow = NO_FLOW;
    }
    if (flow === NO_FLOW) flow = this.#begin(seen, hash);
    this.#update(flow, seen);
  }

  /** Ends all flows. */
  finish(): void {
    for (const list of this.#lists) {
      while (list.oldest !== NO_FLOW) this.#end(list.oldest, 'shutdown');
    }
  }

  /** All flows going on. The object given is the same each time. */
  *[Symbol.iterator](): Generator<Flow> {
    for (const list of this.#lists) for (const flow of list) yield this.#view.moveTo(flow);
  }

  /** Time may go back, in files put together; then nothing ends until it has caught up. */
  #advance(now: number): void {
    this.#now = now;
    for (let i = 0; i < TIMEOUT_CLASSES; i++) {
      const list = this.#lists[i]!;
      while (list.oldest !== NO_FLOW && now - this.#store.float(list.oldest, Float.endSec) >= timeoutSeconds(i)) {
        this.#end(list.oldest, 'timeout');
      }
    }
  }

  #isNewConnection(flow: number, { key, flags }: FlowSighting): boolean {
    const isSyn = key.protocol === IpProtocol.tcp && (flags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn;
    return isSyn && this.#store.word(flow, Word.flowState) === FlowState.closed;
  }

  #begin(seen: FlowSighting, hash: number): number {
    const flow = this.#take();
    const { key } = seen;
    this.#setEnds(flow, key, isFromServer(seen));
    this.#store.setWord(flow, Word.hash, hash);
    this.#store.setWord(flow, Word.protocol, key.protocol);
    this.#store.setWord(flow, Word.ipVersion, key.ipVersion);
    this.#store.setWord(flow, Word.vlans, key.vlans);
    this.#store.setWord(flow, Word.interfaceIndex, seen.interfaceIndex);
    this.#store.setWord(flow, Word.serial, this.#started);
    this.#store.setFloat(flow, Float.startSec, seen.tsSec);
    this.#store.setFloat(flow, Float.endSec, seen.tsSec);
    this.#store.setWord(flow, Word.startNsec, seen.tsNsec);
    this.#index.insert(flow);
    this.#listOf(flow).append(flow);
    this.#started++;
    this.#active++;
    return flow;
  }

  #take(): number {
    let flow = this.#store.take();
    if (flow === NO_FLOW) {
      this.#forced++;
      this.#end(this.#mostSilent(), 'forced');
      flow = this.#store.take();
    }
    if (this.#store.capacity !== this.#indexed) this.#reindex();
    return flow;
  }

  #reindex(): void {
    this.#indexed = this.#store.capacity;
    this.#index.rebuild(this.#records());
  }

  *#records(): Generator<number> {
    for (const list of this.#lists) yield* list;
  }

  #mostSilent(): number {
    let found = NO_FLOW;
    for (const { oldest } of this.#lists) {
      if (oldest === NO_FLOW) continue;
      if (found === NO_FLOW || this.#endSec(oldest) < this.#endSec(found)) found = oldest;
    }
    return found;
  }

  #setEnds(flow: number, key: FlowKey, swapped: boolean): void {
    const { srcPort, dstPort, addresses } = key;
    this.#store.setWord(flow, Word.ports, swapped ? ports(dstPort, srcPort) : ports(srcPort, dstPort));
    for (let i = 0; i < 2 * ADDRESS_WORDS; i++) {
      this.#store.setWord(flow, Word.addresses + i, addresses[swapped ? i ^ ADDRESS_WORDS : i]!);
    }
  }

  #update(flow: number, seen: FlowSighting): void {
    const toServer = this.#index.isForward(flow, seen.key);
    this.#count(flow, toServer, seen.bytes);
    const before = timeoutClass(seen.key.protocol, this.#store.word(flow, Word.flowState));
    this.#setState(flow, seen, toServer);
    this.#touch(flow, seen, before);
  }

  #count(flow: number, toServer: boolean, bytes: number): void {
    const pkts = toServer ? Float.pktsToServer : Float.pktsToClient;
    const sum = toServer ? Float.bytesToServer : Float.bytesToClient;
    this.#store.setFloat(flow, pkts, this.#store.float(flow, pkts) + 1);
    this.#store.setFloat(flow, sum, this.#store.float(flow, sum) + bytes);
  }

  #setState(flow: number, { key, flags }: FlowSighting, toServer: boolean): void {
    const store = this.#store;
    const word = toServer ? Word.toServerFlags : Word.toClientFlags;
    if (key.protocol === IpProtocol.tcp) {
      const state = nextTcpState(store.word(flow, Word.tcpState), flags, toServer);
      store.setWord(flow, word, store.word(flow, word) | flags);
      store.setWord(flow, Word.tcpState, state);
      store.setWord(flow, Word.flowState, flowStateOfTcp(state));
    } else {
      if (store.word(flow, word) === 0) store.setWord(flow, word, flags);
      // Both sides have spoken.
      if (store.float(flow, Float.pktsToServer) > 0 && store.float(flow, Float.pktsToClient) > 0) {
        store.setWord(flow, Word.flowState, FlowState.established);
      }
    }
  }

  /** A flow moves to the end of its list once a second at most: timeouts count in seconds, and the move costs. */
  #touch(flow: number, { key, tsSec, tsNsec }: FlowSighting, before: number): void {
    const store = this.#store;
    const after = timeoutClass(key.protocol, store.word(flow, Word.flowState));
    const endSec = store.float(flow, Float.endSec);
    if (after !== before || endSec !== tsSec) {
      this.#lists[before]!.remove(flow);
      this.#lists[after]!.append(flow);
    }
    if (tsSec > endSec || (tsSec === endSec && tsNsec > store.word(flow, Word.endNsec))) {
      store.setFloat(flow, Float.endSec, tsSec);
      store.setWord(flow, Word.endNsec, tsNsec);
    }
  }

  #end(flow: number, reason: FlowEndReason): void {
    this.#onEnd(this.#view.moveTo(flow), reason);
    this.#listOf(flow).remove(flow);
    this.#index.remove(flow);
    this.#store.release(flow);
    this.#active--;
  }

  #listOf(flow: number): FlowList {
    const state = this.#store.word(flow, Word.flowState);
    return this.#lists[timeoutClass(this.#store.word(flow, Word.protocol), state)]!;
  }

  #endSec(flow: number): number {
    return this.#store.float(flow, Float.endSec);
  }
}

/** A connection first seen in its second step: the sender is the server. */
function isFromServer({ key, flags }: FlowSighting): boolean {
  const synAck = TcpFlag.syn | TcpFlag.ack;
  return key.protocol === IpProtocol.tcp && (flags & synAck) === synAck;
}
