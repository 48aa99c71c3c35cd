// The flows that are going on. Time is the packets' own, never the clock's. The table never holds more than maxFlows:
// when it is full, an emergency begins, in which silent flows end sooner, and goes on until there is room again for
// EMERGENCY_RECOVERY of all. If even so nobody is due, the flow that has been silent for longest ends.

import { TCP } from '../ip-protocols.js';
import { Flow, type FlowEndReason } from './flow.js';
import { FlowIndex, ports } from './flow-index.js';
import { ADDRESS_WORDS, FlowKey, Tracking } from './flow-key.js';
import { FlowList } from './flow-list.js';
import { Beginning, Float, FlowStore, NO_FLOW, PayloadBit, RECORD_FLOATS, RECORD_WORDS, Word } from './flow-store.js';
import { FlowState, flowStateOfTcp, TIMEOUT_CLASSES, timeoutClass, timeoutSeconds } from './flow-timeouts.js';
import { isNewConnection, nextTcpState, TcpFlag, TcpState } from './tcp-state.js';

const BOTH_SYNS = PayloadBit.clientSyn | PayloadBit.serverSyn;

/** Default of {@link FlowTable}'s maxFlows: 38 MiB of records when all are in use. */
export const DEFAULT_MAX_FLOWS = 262_144;

/** The part of the table that is free when an emergency ends: Suricata's default. */
const EMERGENCY_RECOVERY = 0.3;

/** What a packet adds to its flow. */
export class FlowSighting {
  readonly key = new FlowKey();
  /** Of the key, by {@link FlowTable.hash}. */
  hash = 0;
  /** A {@link Tracking}. */
  tracked: number = Tracking.none;
  tsSec = 0;
  tsNsec = 0;
  /** Bytes on the wire. */
  bytes = 0;
  /** TCP flags, or ICMP type * 256 + code + 1; 0 for other protocols. */
  flags = 0;
  /** TCP sequence number. */
  seq = 0;
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
  readonly #maxFlows: number;
  readonly #share: { readonly index: number; readonly of: number };
  #indexed: number;
  #now = Number.NaN;
  #active = 0;
  #started = 0;
  #forced = 0;
  #reused = 0;
  #emergency = false;
  #emergencies = 0;
  #toServer = true;

  /** `maxFlows`: 1 or more. `share`: of several tables, whose serial numbers are to differ. */
  constructor(onEnd: OnFlowEnd, maxFlows = DEFAULT_MAX_FLOWS, share = { index: 1, of: 1 }) {
    this.#share = share;
    this.#onEnd = onEnd;
    this.#maxFlows = maxFlows;
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

  /** How often there was no room for a new flow, and timeouts became shorter. */
  get emergencies(): number {
    return this.#emergencies;
  }

  /** Whether that is so now. */
  get isEmergency(): boolean {
    return this.#emergency;
  }

  /** Bytes of memory that the records take. */
  get memory(): number {
    return this.#store.bytes;
  }

  /** Whether the packet of the last {@link FlowTable.add} went to the flow's server. */
  get toServer(): boolean {
    return this.#toServer;
  }

  /**
   * Adds a packet to its flow, which begins with it if need be, and gives its index. Flows that have been silent for too
   * long end first.
   */
  add(seen: FlowSighting): number {
    if (seen.tsSec !== this.#now) this.#advance(seen.tsSec);
    let flow = this.#index.find(seen.key, seen.hash);
    this.#toServer = this.#index.isForward;
    if (flow !== NO_FLOW && this.#isReused(flow, seen)) {
      this.#reused++;
      this.#end(flow, 'tcp_reuse');
      flow = NO_FLOW;
    }
    if (flow === NO_FLOW) flow = this.#begin(seen);
    this.#update(flow, seen);
    return flow;
  }

  /** What a flow of this table is found by: 32 bits, the same for both directions. */
  hash(key: FlowKey): number {
    return this.#index.hash(key);
  }

  /** Fetches what is known of the flows of packets with these hashes, so that add() need not wait for memory. */
  touch(hashes: Int32Array, count: number): void {
    this.#index.touch(hashes, count);
  }

  /** Adds a packet to its flow if there is one already: one that tells of the flow, and doesn't belong to it by its own key. */
  addToKnown(seen: FlowSighting): number {
    if (seen.tsSec !== this.#now) this.#advance(seen.tsSec);
    const flow = this.#index.find(seen.key, seen.hash);
    if (flow === NO_FLOW) return flow;
    // The packet goes back to whom the quoted one came from.
    this.#toServer = !this.#index.isForward;
    this.#count(flow, this.#toServer, seen.bytes);
    this.#touch(flow, seen, this.#store.word(flow, Word.flowState));
    return flow;
  }

  /** The flow at this index. The object is the same each time: valid until the next call of any method. */
  flow(index: number): Flow {
    return this.#view.moveTo(index);
  }

  /** TCP: whether both SYNs were seen, and so both sides' bytes can be put in order. */
  hasBothSyns(flow: number): boolean {
    return (this.#store.word(flow, Word.payload) & BOTH_SYNS) === BOTH_SYNS;
  }

  /** Whether nobody looks at this flow's payload any more. */
  isPayloadDone(flow: number): boolean {
    return (this.#store.word(flow, Word.payload) & PayloadBit.done) !== 0;
  }

  /** Says that nobody looks at this flow's payload any more. */
  setPayloadDone(flow: number): void {
    this.#store.setWord(flow, Word.payload, this.#store.word(flow, Word.payload) | PayloadBit.done);
  }

  /** The sequence number of a TCP connection's first byte in this direction (0: to the server), if its SYN was seen. */
  firstSeq(flow: number, direction: number): number {
    return this.#store.word(flow, direction === 0 ? Word.clientSeq : Word.serverSeq);
  }

  /**
   * Ends all flows, in the order in which they began, which doesn't depend on how they are shared among tables. `nowSec`: the
   * time of the last packet that any table has seen, by default of this one's; flows that were silent for too long by then have timed out.
   */
  finish(nowSec = this.#now): void {
    this.#now = nowSec;
    const store = this.#store;
    // Places are mostly given in the order of beginnings: what is in theirs has little left to sort.
    const byBeginning = Array.from(this.#inOrder()).sort(
      (a, b) =>
        store.startSec(a) - store.startSec(b) ||
        store.beginning(a, Beginning.nsec) - store.beginning(b, Beginning.nsec) ||
        store.beginning(a, Beginning.serial) - store.beginning(b, Beginning.serial),
    );
    for (const flow of byBeginning) this.#end(flow, this.#isSilent(flow) ? 'timeout' : 'shutdown');
  }

  /** All flows going on. The object given is the same each time. */
  *[Symbol.iterator](): Generator<Flow> {
    for (const list of this.#lists) for (const flow of list) yield this.#view.moveTo(flow);
  }

  /** Time may go back, in files put together; then nothing ends until it has caught up. */
  #advance(now: number): void {
    this.#now = now;
    this.#endSilent();
    if (this.#active <= this.#maxFlows * (1 - EMERGENCY_RECOVERY)) this.#emergency = false;
  }

  #endSilent(): void {
    for (let i = 0; i < TIMEOUT_CLASSES; i++) {
      const list = this.#lists[i]!;
      const seconds = timeoutSeconds(i, this.#emergency);
      while (list.oldest !== NO_FLOW && this.#now - this.#endSec(list.oldest) > seconds) {
        this.#end(list.oldest, 'timeout');
      }
    }
  }

  #isSilent(flow: number): boolean {
    return this.#now - this.#endSec(flow) > timeoutSeconds(this.#classOf(flow), this.#emergency);
  }

  #isReused(flow: number, { key, flags, seq }: FlowSighting): boolean {
    if (key.protocol !== TCP || (flags & (TcpFlag.syn | TcpFlag.ack)) !== TcpFlag.syn) return false;
    const state = this.#store.word(flow, Word.tcpState);
    // The same SYN once more, after a reset.
    const repeated = this.#store.word(flow, Word.clientSeq) === (seq + 1) >>> 0;
    return isNewConnection(state) && !(state !== TcpState.none && repeated && this.#toServer);
  }

  #begin(seen: FlowSighting): number {
    const flow = this.#take();
    const { key } = seen;
    const swapped = isFromServer(seen);
    this.#setEnds(flow, key, swapped);
    this.#toServer = !swapped || hasEqualEnds(key);
    this.#store.setWord(flow, Word.hash, seen.hash);
    this.#store.setWord(flow, Word.kind, key.kind);
    this.#store.setWord(flow, Word.vlans, key.vlans);
    const serial = this.#started * this.#share.of + this.#share.index - 1;
    this.#store.setBeginning(flow, seen.tsSec, seen.tsNsec, seen.interfaceIndex, serial);
    this.#store.setFloat(flow, Float.endSec, seen.tsSec);
    this.#index.insert(flow);
    this.#listOf(flow).append(flow);
    this.#started++;
    this.#active++;
    return flow;
  }

  #take(): number {
    let flow = this.#store.take();
    if (flow === NO_FLOW) {
      this.#makeRoom();
      flow = this.#store.take();
    }
    if (this.#store.capacity !== this.#indexed) this.#reindex();
    return flow;
  }

  #makeRoom(): void {
    if (!this.#emergency) {
      this.#emergency = true;
      this.#emergencies++;
      this.#endSilent();
    }
    if (this.#active < this.#maxFlows) return;
    this.#forced++;
    this.#end(this.#mostSilent(), 'forced');
  }

  #reindex(): void {
    this.#indexed = this.#store.capacity;
    this.#index.rebuild(this.#records());
  }

  /** All records by their place. */
  #inOrder(): Uint32Array {
    const records = new Uint32Array(this.#active);
    let count = 0;
    for (const { oldest } of this.#lists)
      for (let flow = oldest; flow !== NO_FLOW; flow = this.#store.link(flow, Word.newer)) records[count++] = flow;
    return records.sort();
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
    const [client, server] = swapped ? [ADDRESS_WORDS, 0] : [0, ADDRESS_WORDS];
    for (let i = 0; i < ADDRESS_WORDS; i++) {
      this.#store.setWord(flow, Word.addresses + 2 * i, addresses[client + i]!);
      this.#store.setWord(flow, Word.addresses + 2 * i + 1, addresses[server + i]!);
    }
  }

  /** Here and below the record's words are read in place: what is called for each of them is more than V8 puts into one function. */
  #update(flow: number, seen: FlowSighting): void {
    const { words } = this.#store;
    const at = flow * RECORD_WORDS;
    this.#count(flow, this.#toServer, seen.bytes);
    const before = words[at + Word.flowState]!;
    const isTcp = seen.key.protocol === TCP;
    const after = isTcp ? this.#nextOfTcp(words, at, seen) : this.#nextState(flow, seen);
    if (after !== before) words[at + Word.flowState] = after;
    this.#touch(flow, seen, before);
  }

  #count(flow: number, toServer: boolean, bytes: number): void {
    const { floats } = this.#store;
    const pkts = flow * RECORD_FLOATS + (toServer ? Float.pktsToServer : Float.pktsToClient);
    floats[pkts] = floats[pkts]! + 1;
    // The bytes stand behind the packets.
    floats[pkts + 1] = floats[pkts + 1]! + bytes;
  }
  /** What the segment makes of the connection; the flow's state after it. Nearly always nothing changes, or is written. */
  #nextOfTcp(words: Uint32Array, at: number, { flags, seq }: FlowSighting): number {
    const before = words[at + Word.tcpState]!;
    if ((flags & TcpFlag.syn) !== 0 && before < TcpState.established) setFirstSeq(words, at, this.#toServer, seq);
    const side = at + (this.#toServer ? Word.toServerFlags : Word.toClientFlags);
    const seen = words[side]!;
    if ((seen & flags) !== flags) words[side] = seen | flags;
    const after = nextTcpState(before, flags, this.#toServer);
    if (after !== before) words[at + Word.tcpState] = after;
    return flowStateOfTcp(after);
  }

  /** The same for other protocols. */
  #nextState(flow: number, { flags }: FlowSighting): number {
    const store = this.#store;
    const word = this.#toServer ? Word.toServerFlags : Word.toClientFlags;
    if (flags !== 0 && store.word(flow, word) === 0) store.setWord(flow, word, flags);
    const bothSpoke = store.float(flow, Float.pktsToServer) > 0 && store.float(flow, Float.pktsToClient) > 0;
    return bothSpoke ? FlowState.established : FlowState.new;
  }

  /** A flow moves to the end of its list once a second at most: timeouts count in seconds, and the move costs. */
  #touch(flow: number, { tsSec, tsNsec }: FlowSighting, stateBefore: number): void {
    const { words, floats } = this.#store;
    const at = flow * RECORD_WORDS;
    const end = flow * RECORD_FLOATS + Float.endSec;
    const endSec = floats[end]!;
    if (endSec !== tsSec || stateBefore !== words[at + Word.flowState]) this.#move(flow, stateBefore);
    if (tsSec > endSec) floats[end] = tsSec;
    if (tsSec > endSec || (tsSec === endSec && tsNsec > words[at + Word.endNsec]!)) words[at + Word.endNsec] = tsNsec;
  }

  #move(flow: number, stateBefore: number): void {
    const protocol = this.#store.word(flow, Word.kind) & 0xff;
    this.#lists[timeoutClass(protocol, stateBefore)]!.remove(flow);
    this.#listOf(flow).append(flow);
  }

  #end(flow: number, reason: FlowEndReason): void {
    this.#onEnd(this.#view.moveTo(flow), reason);
    this.#listOf(flow).remove(flow);
    this.#index.remove(flow);
    this.#store.release(flow);
    this.#active--;
  }

  #listOf(flow: number): FlowList {
    return this.#lists[this.#classOf(flow)]!;
  }

  #classOf(flow: number): number {
    return timeoutClass(this.#store.word(flow, Word.kind) & 0xff, this.#store.word(flow, Word.flowState));
  }

  #endSec(flow: number): number {
    return this.#store.float(flow, Float.endSec);
  }
}

function setFirstSeq(words: Uint32Array, at: number, toServer: boolean, seq: number): void {
  words[at + Word.payload]! |= toServer ? PayloadBit.clientSyn : PayloadBit.serverSyn;
  words[at + (toServer ? Word.clientSeq : Word.serverSeq)] = seq + 1;
}

function hasEqualEnds({ srcPort, dstPort, addresses }: FlowKey): boolean {
  for (let i = 0; i < ADDRESS_WORDS; i++) if (addresses[i] !== addresses[ADDRESS_WORDS + i]) return false;
  return srcPort === dstPort;
}

/** A connection first seen in its second step: the sender is the server. */
function isFromServer({ key, flags }: FlowSighting): boolean {
  const synAck = TcpFlag.syn | TcpFlag.ack;
  return key.protocol === TCP && (flags & synAck) === synAck;
}
