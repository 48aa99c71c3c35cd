// Rules on what the analyzer sees: brings packets, streams and transactions before the detector in the order in which
// Suricata would, and makes records of its alerts.

import type { Layers, PacketView } from '../index.js';
import type { Transaction } from './app/app-types.js';
import { type Alert, Detector } from './detect/detector.js';
import { EncryptedFlows } from './detect/encrypted-flows.js';
import { FlowProgress } from './detect/flow-counts.js';
import { FlowSet } from './detect/flow-set.js';
import { FlowSight } from './detect/flow-sight.js';
import { PacketSight } from './detect/packet-sight.js';
import { writeAlert } from './eve/alert-record.js';
import type { EveWriter } from './eve/eve-writer.js';
import { fastLine } from './eve/fast-line.js';
import type { RecordPlace } from './eve/record-place.js';
import { NO_FLOW } from './flow/flow-store.js';
import type { FlowSighting, FlowTable } from './flow/flow-table.js';
import { FlowState } from './flow/flow-timeouts.js';
import type { PayloadAnomaly, PayloadListener } from './flow-payload.js';
import { TCP } from './ip-protocols.js';
import type { Rule } from './rules/rule.js';
import type { SharedState } from './state/shared-state.js';
import type { StreamEvent } from './stream/stream-events.js';

/** Rules, and how their alerts are told. */
export interface InspectionOptions {
  readonly rules: readonly Rule[];
  /** Called with the line that fast.log would have, too. What it throws comes out as with the analyzer's `onEvents`. */
  readonly onFastLine?: (line: string) => void;
  /** Alerts have the bytes that the rule looked at; default false. */
  readonly alertPayload?: boolean;
}

/** What the analyzer lends. */
export interface InspectionContext {
  readonly state: SharedState;
  readonly flows: FlowTable;
  readonly events: EveWriter;
  /** Time and interface of the packet that is being looked at; of a flow's first one if the flow is given. */
  readonly place: (flow: number | undefined) => RecordPlace;
  /** What is known of a flow's application protocol. */
  readonly appProtocol: (flow: number) => string | undefined;
}

/** One for an analyzer with rules. */
export class Inspection {
  readonly #context: InspectionContext;
  readonly #options: InspectionOptions;
  readonly #detector: Detector;
  readonly #packet: PacketSight;
  readonly #flow: FlowSight;
  readonly #progress: FlowProgress;
  readonly #bySid = new Map<string, { rule: Rule; count: number }>();
  /** Flows whose connection was established before the packet that is being looked at. */
  readonly #established = new FlowSet();
  readonly #encrypted = new EncryptedFlows();
  /** Flows that an alert was told of. */
  readonly #alerted = new Set<number>();

  constructor(options: InspectionOptions, context: InspectionContext) {
    this.#options = options;
    this.#context = context;
    this.#progress = new FlowProgress(context.flows);
    const sights = { flows: context.flows, progress: this.#progress, appProtocol: context.appProtocol };
    this.#packet = new PacketSight(sights);
    this.#flow = new FlowSight(sights);
    this.#detector = new Detector(options.rules, context.state, (alert) => this.#tell(alert));
  }

  /** Other rules from the next packet on. */
  reload(rules: readonly Rule[]): void {
    this.#detector.reload(rules);
  }

  /** What rules want to be told of payloads; always, as other rules may come. */
  get payloadListener(): Pick<PayloadListener, 'stream' | 'hidden' | 'closed' | 'wantsBodies'> {
    return {
      wantsBodies: true,
      stream: (flow, direction, bytes) => {
        if (this.#detector.stream(flow, direction, bytes)) this.#flush(flow, direction);
      },
      hidden: (flow, direction, end) => this.#encrypted.add(flow, direction, end),
      closed: (flow) => this.#flushBoth(flow),
    };
  }

  /** Some rule waits for what is wrong with a stream. */
  get needsStreamEvents(): boolean {
    return this.#detector.needsStreamEvents;
  }

  /** Alerts told, and matches that thresholds kept back. */
  get counts(): { readonly alerts: number; readonly suppressed: number } {
    return this.#detector;
  }

  /** The rules with the most alerts. */
  top(count: number): { readonly rule: Rule; readonly count: number }[] {
    return [...this.#bySid.values()].sort((a, b) => b.count - a.count || a.rule.sid - b.rule.sid).slice(0, count);
  }

  /**
   * The next packet; `isRebuilt`: it was put together from fragments. Both objects must stay as they are until the packet
   * has been looked at.
   */
  read(packet: PacketView, layers: Layers, { tsSec, tsNsec }: FlowSighting, isRebuilt = false): void {
    this.#packet.begin(packet, layers);
    this.#packet.sec = tsSec;
    this.#packet.nsec = tsNsec;
    this.#packet.isRebuilt = isRebuilt;
  }

  /** A copy of the payload of the packet, if one was made; undefined: none was. Valid until the next. */
  get payload(): Uint8Array | undefined {
    return this.#packet.isLoaded ? this.#packet.payload : undefined;
  }

  /** Looks at the packet; `flow` is its flow's index, or NO_FLOW. False: it was overwritten meanwhile. */
  look(flow: number): boolean {
    const facts = this.#packet;
    // As in Suricata, rules look at IP: of anything else they are told what is wrong with it, and that is all.
    if (!facts.isWhole || facts.ipVersion === 0) return true;
    const { flows } = this.#context;
    facts.flow = flow;
    const isKnown = flow !== NO_FLOW;
    facts.direction = isKnown && !flows.toServer ? 1 : 0;
    facts.established = isKnown && this.#isEstablished(flow);
    const isTcp = facts.protocol === TCP;
    facts.hasStream = isKnown && isTcp && flows.hasBothSyns(flow);
    facts.isEncrypted = facts.hasStream && this.#encrypted.hides(facts);
    if (isKnown && isTcp && this.#detector.needsStreamSizes) this.#progress.see(flow, facts);
    return this.#detector.packet(facts);
  }

  /** More of a transaction is known. */
  transaction(flow: number, tx: Transaction, direction: number): void {
    this.#detector.transaction(this.#sight(flow, direction), tx);
    if (tx.isComplete(direction)) this.#flush(flow, direction);
  }

  /**
   * An event of an application layer. It belongs to a transaction, and rules look at one once in each direction: those
   * that name none tell twice, of protocols whose transactions go both ways.
   */
  appEvent(flow: number, { protocol, event, direction, layer }: PayloadAnomaly): void {
    const isOfParser = layer === 'proto_parser';
    const name = isOfParser ? `${protocol}.${event}` : event;
    this.#detector.event(this.#sight(flow, direction), name);
    if (isOfParser && TWO_WAY.includes(protocol)) this.#detector.event(this.#sight(flow, 1 - direction), name);
  }

  /** An event of the packet that was read. */
  packetEvent(name: string): void {
    this.#packet.flow = NO_FLOW;
    if (this.#packet.load()) this.#detector.event(this.#packet, name);
  }

  /** An event of the stream, by the packet that was read: a segment of this flow. */
  streamEvent(flow: number, name: StreamEvent): void {
    const facts = this.#packet;
    if (!facts.load()) return;
    facts.flow = flow;
    facts.direction = this.#context.flows.toServer ? 0 : 1;
    facts.established = this.#established.has(flow);
    this.#detector.event(facts, `stream.${name}`);
  }

  /** The flow is over. Whether an alert was told of it. */
  end(flow: number): boolean {
    this.#detector.flowEnded(flow);
    this.#established.delete(flow);
    this.#encrypted.delete(flow);
    this.#progress.forget(flow);
    return this.#alerted.delete(flow);
  }

  /** A TCP packet is judged by what was before it, any other by what it makes of its flow. */
  #isEstablished(flow: number): boolean {
    const { flows } = this.#context;
    const now = flows.flow(flow).state !== FlowState.new;
    if (this.#packet.protocol !== TCP) return now;
    const before = this.#established.has(flow);
    if (now !== before) this.#established.set(flow, now);
    return before;
  }

  /** What has come of a stream is looked at, however little it is. */
  #flush(flow: number, direction: number): void {
    if (this.#detector.isWaiting(flow, direction)) this.#detector.flush(this.#sight(flow, direction));
  }

  #flushBoth(flow: number): void {
    this.#flush(flow, 0);
    this.#flush(flow, 1);
  }

  #sight(flow: number, direction: number): FlowSight {
    const sight = this.#flow.fill(flow, direction);
    sight.sec = this.#packet.sec;
    sight.nsec = this.#packet.nsec;
    return sight;
  }

  #tell(alert: Alert): void {
    const { flows, events } = this.#context;
    const { flow: index } = alert.facts;
    const flow = index === NO_FLOW ? undefined : flows.flow(index);
    const place = this.#context.place(flow === undefined ? undefined : index);
    if (flow !== undefined) this.#alerted.add(index);
    writeAlert(events, alert, { place, flow, payload: this.#options.alertPayload === true });
    this.#options.onFastLine?.(fastLine(alert, place));
    const key = `${alert.rule.gid} ${alert.rule.sid}`;
    const sum = this.#bySid.get(key) ?? { rule: alert.rule, count: 0 };
    sum.count++;
    this.#bySid.set(key, sum);
  }
}

/** Protocols whose transactions are a request and its response, or a whole connection. */
const TWO_WAY: readonly string[] = ['http', 'smtp', 'tls', 'ssh'];
