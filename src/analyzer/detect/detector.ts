// Looks at packets, streams, transactions and events by the rules, and tells of each match. What it remembers of a flow goes
// with the flow, when it is told of its end.

import type { Transaction } from '../app/app-types.js';
import type { PacketFacts } from '../rules/packet-facts.js';
import type { Rule, Threshold } from '../rules/rule.js';
import type { SharedState } from '../state/shared-state.js';
import { Bits } from './bits.js';
import { Candidates } from './candidates.js';
import { applyInts, intsAgree } from './flow-ints.js';
import { FlowNotes } from './flow-notes.js';
import { Limits } from './limits.js';
import type { GroupPart } from './packet-group.js';
import { RuleEngine } from './rule-engine.js';
import { matchesRule, transformed } from './rule-match.js';
import type { BufferGroup } from './transaction-group.js';
import { notesOn, type TransactionNotes } from './transaction-notes.js';

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

/** With so much memory for what waits in all streams together, each is looked at as it comes. */
const MAX_WINDOW_BYTES = 32 << 20;

const NO_BITS: Set<string> = new Set();

/** Facts of a direction of a flow; the stretch of the stream that is looked at is filled in. */
export type StreamFacts = PacketFacts & { payload: Uint8Array; streamOffset: number };

/** A packet, of which most is taken only if a rule may match. */
export interface PacketLook extends PacketFacts {
  readonly hasPayload: boolean;
  /** Takes it. False: it was overwritten meanwhile. */
  load(): boolean;
  /** Adds the rules whose patterns lie in the payload; loaded before. */
  findIn(part: GroupPart, found: Candidates): void;
}

/** One for all flows. */
export class Detector {
  readonly #onAlert: (alert: Alert) => void;
  /** By flow, plus one: those of packets without a flow come first. */
  readonly #notes: (FlowNotes | undefined)[] = [];
  readonly #limits: Limits;
  readonly #bits: Bits;
  #engine: RuleEngine;
  #found: Candidates;
  #alerts = 0;
  #suppressed = 0;
  /** Bytes of memory of all streams' windows. */
  #windows = 0;
  /** Flows that a rule has let go. */
  #passed = 0;

  /** `state`: what rules remember of addresses, perhaps together with other detectors. */
  constructor(rules: readonly Rule[], state: SharedState, onAlert: (alert: Alert) => void) {
    this.#limits = new Limits(state.counts);
    this.#bits = new Bits(state.bits);
    this.#engine = new RuleEngine(rules);
    this.#found = new Candidates(rules.length);
    this.#onAlert = onAlert;
  }

  /** Other rules from now on. Bits and counts stay; what a flow's rules have matched is forgotten. */
  reload(rules: readonly Rule[]): void {
    this.#engine = new RuleEngine(rules);
    this.#found = new Candidates(rules.length);
    for (const notes of this.#notes) notes?.forgetMatches();
  }

  /** Some rule waits for what is wrong with a stream. */
  get needsStreamEvents(): boolean {
    return this.#engine.needsStreamEvents;
  }

  /** Some rule asks for the length of a stream. */
  get needsStreamSizes(): boolean {
    return this.#engine.needsStreamSizes;
  }

  /** Alerts told so far. */
  get alerts(): number {
    return this.#alerts;
  }

  /** Matches that thresholds kept back, and those beyond what is told of one packet. */
  get suppressed(): number {
    return this.#suppressed;
  }

  /** Looks at a packet. False: it was overwritten before it was known whether a rule matches. */
  packet(facts: PacketLook): boolean {
    if (this.#hasPassed(facts.flow)) return true;
    const part = this.#engine.packetPart(facts);
    if (part.isEmpty) return true;
    part.addOthers(facts.dstPort, this.#found);
    const looksIn = part.looksAtPayload && facts.hasPayload && !facts.isEncrypted;
    if (!looksIn && this.#found.length === 0) return true;
    const isLoaded = facts.load();
    if (isLoaded && looksIn) facts.findIn(part, this.#found);
    if (this.#found.length === 0) return isLoaded;
    if (isLoaded) this.#look(facts, false);
    else this.#found.take();
    return isLoaded;
  }

  /** Takes the next bytes of a flow's stream. True: they are to be looked at now, by flush(). */
  stream(flow: number, direction: number, bytes: Uint8Array): boolean {
    if (!this.#engine.needsStreams) return false;
    const notes = this.#of(flow);
    if (notes.passed) return false;
    const window = notes.streams[direction]!;
    const before = window.memory;
    const isEnough = window.add(bytes);
    this.#windows += window.memory - before;
    return isEnough || this.#windows > MAX_WINDOW_BYTES;
  }

  /** Whether anything has come of a stream that was not looked at. */
  isWaiting(flow: number, direction: number): boolean {
    const notes = this.#known(flow);
    return notes !== undefined && !notes.passed && notes.streams[direction]!.length > 0;
  }

  /** Looks at what has come of a stream so far; `facts` are those of its direction. */
  flush(facts: StreamFacts): void {
    const window = this.#of(facts.flow).streams[facts.direction]!;
    facts.streamOffset = window.offset;
    const part = this.#engine.streamPart(facts);
    part.addOthers(facts.dstPort, this.#found);
    window.findIn(part, this.#found);
    if (this.#found.length > 0) {
      facts.payload = window.bytes;
      this.#look(facts, true);
    }
    this.#windows -= window.memory;
    window.clear();
  }

  /** Looks at a transaction of which more has become known; `facts` are those of the direction. */
  transaction(facts: PacketFacts, tx: Transaction): void {
    const { direction } = facts;
    const group = this.#engine.transactionGroup(tx.protocol, direction);
    if (group === undefined || this.#hasPassed(facts.flow)) return;
    const notes = notesOn(tx, direction, group);
    this.#found.addAll(group.always);
    for (let i = 0; i < group.buffers.length; i++) {
      if (!group.buffers[i]!.comesWhole || !notes.hasSeen(i)) lookInto(group.buffers[i]!, i, tx, direction, notes);
    }
    this.#found.addAll(notes.pending);
    if (this.#found.length > 0) this.#look(facts, false, tx, notes);
  }

  /** Something was noticed, by the name that rules have for it. */
  event(facts: PacketFacts, name: string): void {
    if (this.#hasPassed(facts.flow)) return;
    this.#found.addAll(this.#engine.eventRules(name));
    if (this.#found.length > 0) this.#look(facts, false);
  }

  /** The flow is over; its number may be another's from now on. */
  flowEnded(flow: number): void {
    const notes = this.#known(flow);
    if (notes === undefined) return;
    for (const window of notes.streams) {
      this.#windows -= window.memory;
      window.clear();
    }
    if (notes.passed) this.#passed--;
    this.#notes[flow + 1] = undefined;
  }

  /** Tries what was found. `notes` are those of the transaction. */
  #look(facts: PacketFacts, isStream: boolean, tx?: Transaction, notes?: TransactionNotes): void {
    const limit = this.#alerts + MAX_ALERTS;
    const count = this.#found.take();
    for (let i = 0; i < count; i++) {
      const index = this.#found.at(i);
      const rule = this.#engine.rules[index]!;
      const isOnce = rule.oncePerDirection && !isStream && rule.events.length === 0;
      if (notes === undefined ? isOnce && this.#hasMatchedOnce(facts, index) : notes.hasMatched(index)) continue;
      if (!matchesRule(rule, facts, tx)) continue;
      const agrees = this.#agrees(rule, facts);
      if (notes === undefined && isOnce && (agrees || rule.bits.length === 0)) this.#matchedOnce(facts, index);
      if (!agrees) continue;
      notes?.settle(index);
      this.#change(rule, facts);
      if (rule.action === 'pass') return this.#pass(rule, facts, tx !== undefined || isStream);
      if (rule.noalert) continue;
      if (this.#alerts >= limit || !this.#isReported(rule, facts)) this.#suppressed++;
      else {
        this.#alerts++;
        this.#onAlert({ rule, facts, tx, isStream });
      }
    }
  }

  /** Carries out what the rule changes. */
  #change(rule: Rule, facts: PacketFacts): void {
    if (rule.bits.length > 0) this.#bits.apply(rule, facts, facts.flow < 0 ? new Set() : this.#of(facts.flow).bits);
    if (rule.ints.length > 0 && facts.flow >= 0) applyInts(rule, this.#of(facts.flow).ints);
  }

  /** A rule about more than one packet lets the whole flow go. */
  #pass(rule: Rule, { flow }: PacketFacts, isOfFlow: boolean): void {
    if (flow < 0 || !(isOfFlow || rule.oncePerDirection)) return;
    this.#of(flow).passed = true;
    this.#passed++;
  }

  #agrees(rule: Rule, facts: PacketFacts): boolean {
    if (rule.bits.length > 0 && !this.#bits.agree(rule, facts, this.#known(facts.flow)?.bits ?? NO_BITS)) return false;
    if (rule.ints.length > 0 && !intsAgree(rule, this.#known(facts.flow)?.ints)) return false;
    return rule.thresholds.every((limit) => limit.type !== 'detection' || this.#allows(rule, limit, facts));
  }

  #isReported(rule: Rule, facts: PacketFacts): boolean {
    return rule.thresholds.every((limit) => limit.type === 'detection' || this.#allows(rule, limit, facts));
  }

  #allows(rule: Rule, limit: Threshold, facts: PacketFacts): boolean {
    return this.#limits.allows(rule, limit, facts, () => this.#of(facts.flow).counts);
  }

  #matchedOnce({ flow, direction }: PacketFacts, index: number): void {
    if (flow >= 0) this.#of(flow).once.add(2 * index + direction);
  }

  #hasMatchedOnce({ flow, direction }: PacketFacts, index: number): boolean {
    return flow >= 0 && this.#known(flow)?.once.has(2 * index + direction) === true;
  }

  #hasPassed(flow: number): boolean {
    return this.#passed > 0 && this.#known(flow)?.passed === true;
  }

  #known(flow: number): FlowNotes | undefined {
    return this.#notes[flow + 1];
  }

  #of(flow: number): FlowNotes {
    const known = this.#known(flow);
    if (known !== undefined) return known;
    const notes = new FlowNotes();
    this.#notes[flow + 1] = notes;
    return notes;
  }
}

/** Notes the rules whose patterns lie in the buffer, the group's `index`th; of a body, in what is new of it. */
function lookInto(
  group: BufferGroup,
  index: number,
  tx: Transaction,
  direction: number,
  notes: TransactionNotes,
): void {
  const { chain, patterns, isBody } = group;
  const buffers = tx.buffers(chain.buffer, direction);
  if (buffers.length === 0 && !notes.hasSeen(index)) return;
  const before = notes.lengthOf(index);
  if (!notes.hasGrown(index, buffers)) return;
  const isAppended = isBody && buffers.length === 1 && tx.onlyGrows?.(direction) === true;
  const from = isAppended ? Math.max(0, before - patterns.longest + 1) : 0;
  for (const bytes of buffers) patterns.findIn(transformed(chain, bytes), from, notes);
}
