// Looks at packets, streams, transactions and events by the rules, and tells of each match. What it remembers of a flow goes
// with the flow, when it is told of its end.

import type { Transaction } from '../app/app-types.js';
import type { PacketFacts } from '../rules/packet-facts.js';
import type { Rule, Threshold } from '../rules/rule.js';
import type { SharedState } from '../state/shared-state.js';
import { Bits } from './bits.js';
import { FlowNotes } from './flow-notes.js';
import { Limits } from './limits.js';
import { RuleEngine } from './rule-engine.js';
import { type Candidates, chainKey } from './rule-groups.js';
import { buffersOf, matchesRule } from './rule-match.js';

/** A match that is reported. Valid during the call. */
export interface Alert {
  readonly rule: Rule;
  /** What it was found in: a packet, or one direction of a flow; `payload` are the bytes that were looked at. */
  readonly facts: PacketFacts;
  /** The transaction that it was found in. */
  readonly tx: Transaction | undefined;
  /** It was found in the stream, not in a single packet. */
  readonly isStream: boolean;
}

/** Suricata's packet-alert-max: of more matches on one packet the first are told. */
const MAX_ALERTS = 15;

/** With so many bytes waiting in all streams together, each is looked at as it comes. */
const MAX_WAITING_BYTES = 32 << 20;

const NO_BITS: Set<string> = new Set();

/** Facts of a direction of a flow; the stretch of the stream that is looked at is filled in. */
export type StreamFacts = PacketFacts & { payload: Uint8Array; streamOffset: number };

interface Look {
  readonly facts: PacketFacts;
  readonly tx?: Transaction;
  readonly isStream: boolean;
  readonly wanted: (rule: Rule, index: number) => boolean;
  readonly matched?: (rule: Rule, index: number) => void;
}

/** One for all flows. */
export class Detector {
  readonly #onAlert: (alert: Alert) => void;
  readonly #notes = new Map<number, FlowNotes>();
  readonly #limits: Limits;
  readonly #bits: Bits;
  readonly #found: Candidates = new Set();
  #engine: RuleEngine;
  #alerts = 0;
  #suppressed = 0;
  /** Bytes in all streams' windows. */
  #waiting = 0;

  /** `state`: what rules remember of addresses, perhaps together with other detectors. */
  constructor(rules: readonly Rule[], state: SharedState, onAlert: (alert: Alert) => void) {
    this.#limits = new Limits(state.counts);
    this.#bits = new Bits(state.bits);
    this.#engine = new RuleEngine(rules);
    this.#onAlert = onAlert;
  }

  /** Other rules from now on. Bits and counts stay; what a flow's rules have matched is forgotten. */
  reload(rules: readonly Rule[]): void {
    this.#engine = new RuleEngine(rules);
    for (const notes of this.#notes.values()) notes.once.clear();
  }

  /** Alerts told so far. */
  get alerts(): number {
    return this.#alerts;
  }

  /** Matches that thresholds kept back, and those beyond what is told of one packet. */
  get suppressed(): number {
    return this.#suppressed;
  }

  /** Looks at a packet. */
  packet(facts: PacketFacts): void {
    const { flow, direction } = facts;
    if (this.#notes.get(flow)?.passed) return;
    this.#engine.packetGroup(facts.protocol, direction).find(facts.payload, facts.dstPort, this.#found);
    this.#look({
      facts,
      isStream: false,
      wanted: (rule, index) =>
        inPacket(rule, facts) && !(rule.oncePerDirection && this.#hasMatchedOnce(flow, index, direction)),
      matched: (rule, index) => {
        if (rule.oncePerDirection && flow >= 0) this.#of(flow).once.add(2 * index + direction);
      },
    });
  }

  /** Takes the next bytes of a stream; `facts` are those of their direction. */
  stream(facts: StreamFacts, bytes: Uint8Array): void {
    if (!this.#engine.needsStreams) return;
    const notes = this.#of(facts.flow);
    if (notes.passed) return;
    this.#waiting += bytes.length;
    const isEnough = notes.streams[facts.direction]!.add(bytes);
    if (isEnough || this.#waiting > MAX_WAITING_BYTES) this.flush(facts);
  }

  /** Looks at what has come of a stream so far. */
  flush(facts: StreamFacts): void {
    const notes = this.#notes.get(facts.flow);
    if (notes === undefined || notes.passed) return;
    const window = notes.streams[facts.direction]!;
    facts.streamOffset = window.offset;
    this.#waiting -= window.length;
    facts.payload = window.take();
    if (facts.payload.length === 0) return;
    this.#engine.streamGroup(facts.direction).find(facts.payload, facts.dstPort, this.#found);
    this.#look({ facts, isStream: true, wanted: () => true });
  }

  /** Looks at a transaction of which more has become known; `facts` are those of the direction. */
  transaction(facts: PacketFacts, tx: Transaction): void {
    const { direction } = facts;
    const group = this.#engine.transactionGroup(tx.protocol, direction);
    if (group === undefined || this.#notes.get(facts.flow)?.passed) return;
    const notes = this.#of(facts.flow).of(tx);
    for (const index of group.always) this.#found.add(index);
    for (const { chain, automaton } of group.buffers) {
      if (!hasGrown(notes.lengths, `${chainKey(chain)} ${direction}`, tx.buffers(chain.buffer, direction))) continue;
      for (const bytes of buffersOf(chain, tx, direction))
        automaton.scan(bytes, (index) => notes.pending.add(2 * index + direction));
    }
    for (const entry of notes.pending) if ((entry & 1) === direction) this.#found.add(entry >> 1);
    this.#look({
      facts,
      tx,
      isStream: false,
      wanted: (_, index) => !notes.matched.has(2 * index + direction),
      matched: (_, index) => {
        notes.matched.add(2 * index + direction);
        notes.pending.delete(2 * index + direction);
      },
    });
  }

  /** Something was noticed, by the name that rules have for it. */
  event(facts: PacketFacts, name: string): void {
    if (this.#notes.get(facts.flow)?.passed) return;
    for (const index of this.#engine.eventRules(name)) this.#found.add(index);
    this.#look({ facts, isStream: false, wanted: () => true });
  }

  /** The flow is over; its number may be another's from now on. */
  flowEnded(flow: number): void {
    for (const { length } of this.#notes.get(flow)?.streams ?? []) this.#waiting -= length;
    this.#notes.delete(flow);
  }

  #look({ facts, tx, isStream, wanted, matched }: Look): void {
    if (this.#found.size === 0) return;
    const candidates = [...this.#found].sort((a, b) => a - b);
    this.#found.clear();
    const limit = this.#alerts + MAX_ALERTS;
    for (const index of candidates) {
      const rule = this.#engine.rules[index]!;
      if (!wanted(rule, index) || !matchesRule(rule, facts, tx) || !this.#agrees(rule, facts)) continue;
      matched?.(rule, index);
      if (rule.bits.length > 0) this.#bits.apply(rule, facts, facts.flow < 0 ? new Set() : this.#of(facts.flow).bits);
      if (rule.action === 'pass') return this.#pass(rule, facts, tx !== undefined || isStream);
      if (rule.noalert) continue;
      if (this.#alerts >= limit || !this.#isReported(rule, facts)) this.#suppressed++;
      else {
        this.#alerts++;
        this.#onAlert({ rule, facts, tx, isStream });
      }
    }
  }

  /** A rule about more than one packet lets the whole flow go. */
  #pass(rule: Rule, { flow }: PacketFacts, isOfFlow: boolean): void {
    if (flow >= 0 && (isOfFlow || rule.oncePerDirection)) this.#of(flow).passed = true;
  }

  #agrees(rule: Rule, facts: PacketFacts): boolean {
    if (rule.bits.length > 0 && !this.#bits.agree(rule, facts, this.#notes.get(facts.flow)?.bits ?? NO_BITS))
      return false;
    return rule.thresholds.every((limit) => limit.type !== 'detection' || this.#allows(rule, limit, facts));
  }

  #isReported(rule: Rule, facts: PacketFacts): boolean {
    return rule.thresholds.every((limit) => limit.type === 'detection' || this.#allows(rule, limit, facts));
  }

  #allows(rule: Rule, limit: Threshold, facts: PacketFacts): boolean {
    return this.#limits.allows(rule, limit, facts, () => this.#of(facts.flow).counts);
  }

  #hasMatchedOnce(flow: number, index: number, direction: number): boolean {
    return this.#notes.get(flow)?.once.has(2 * index + direction) === true;
  }

  #of(flow: number): FlowNotes {
    const known = this.#notes.get(flow);
    if (known !== undefined) return known;
    const notes = new FlowNotes();
    this.#notes.set(flow, notes);
    return notes;
  }
}

/** A rule for the stream looks at packets that belong to none. */
function inPacket(rule: Rule, { protocol, hasStream }: PacketFacts): boolean {
  const hasChains = rule.chains.length > 0;
  return !hasChains || rule.payload.packet || protocol !== 6 || !hasStream;
}

/** Notes the buffer's length. */
function hasGrown(lengths: Map<string, number>, key: string, buffers: readonly Uint8Array[]): boolean {
  const length = buffers.reduce((sum, bytes) => sum + bytes.length + 1, 0);
  if (length === (lengths.get(key) ?? 0)) return false;
  lengths.set(key, length);
  return true;
}
