// Looks at every packet, keeps the flows and has their payloads parsed: an event for each transaction, a `flow` event for
// each flow that ends, a `stats` event at the end. It owns no socket, file or timer; whoever has packets calls addBatch() for
// each batch of them and finish() at the end. Time is the packets' own, so the same packets give the same events, replayed at whatever
// speed.

import type { Layers, PacketBatch, PacketChunk, PacketView } from '../index.js';
import type { AnalyzerOptions } from './analyzer-options.js';
import { DecoderCounts } from './decode/decoder-counts.js';
import { Defragmenter } from './decode/defragmenter.js';
import type { DecoderEvent } from './decode/events.js';
import { isTunnelPort } from './decode/tunnel.js';
import { PacketSight } from './detect/packet-sight.js';
import { type AnomalyType, writeAppAnomaly, writeDecoderAnomaly, writeStreamAnomaly } from './eve/anomaly-record.js';
import { EveWriter } from './eve/eve-writer.js';
import { writeFlow } from './eve/flow-record.js';
import { RecordPlaces } from './eve/record-place.js';
import { type CaptureLosses, writeStats } from './eve/stats-record.js';
import { writeTransaction } from './eve/transaction-record.js';
import type { Flow, FlowEndReason } from './flow/flow.js';
import { Tracking } from './flow/flow-key.js';
import { NO_FLOW } from './flow/flow-store.js';
import { DEFAULT_MAX_FLOWS, type FlowSighting, FlowTable } from './flow/flow-table.js';
import { ShareOwner } from './flow/share-owner.js';
import type { PayloadAnomaly } from './flow-payload.js';
import { Inspection, type InspectionOptions } from './inspection.js';
import { TCP, UDP } from './ip-protocols.js';
import { LateErrors } from './late-errors.js';
import { LookAhead } from './look-ahead.js';
import { PacketReader } from './packet-reader.js';
import { Payloads } from './payloads.js';
import type { Rule } from './rules/rule.js';
import type { SightedPacket } from './sighted-packet.js';
import { SinglePacket } from './single-packet.js';
import { SharedState } from './state/shared-state.js';
import type { StreamEvent } from './stream/stream-events.js';
import { TcpTracker } from './stream/tcp-tracker.js';
import { type AnalyzerSummary, summaryOf } from './summary.js';
import { Talkers } from './talkers.js';

/** A flow analyzer over any packets. */
export class Analyzer {
  readonly #errors = new LateErrors();
  readonly #events: EveWriter;
  readonly #single = new SinglePacket();
  readonly #counts = new DecoderCounts();
  readonly #talkers = new Talkers();
  /** Flows that are over, by application protocol. */
  readonly #applications = new Map<string, number>();
  readonly #places = new RecordPlaces();
  readonly #sight = new PacketSight();
  readonly #flows: FlowTable;
  readonly #reader: PacketReader;
  readonly #defragmenter: Defragmenter;
  readonly #ahead: LookAhead;
  readonly #payloads: Payloads;
  readonly #inspection: Inspection | undefined;
  readonly #tracker = new TcpTracker({ streamEvent: (name) => this.#tellStreamEvent(name) });
  readonly #anomalies: ReadonlySet<AnomalyType>;
  /** One of these, asked of every segment. */
  readonly #tellsStreams: boolean;
  /** Undefined without rules, if it is the only one. */
  readonly #state: SharedState | undefined;
  /** Where there are several. */
  readonly #owner: ShareOwner | undefined;
  /** What is known of the packet that is being looked at. */
  #seen: FlowSighting;
  /** The flow whose segment is being looked at. */
  #segmentOf = NO_FLOW;
  /** Whether the packet that is being looked at counts here, and whether its flow does. */
  #isOwn = true;
  #ownsFlow = true;
  #firstSec = 0;
  #firstNsec = 0;
  #overwritten = 0;
  /** Of these, those of which nothing was read. */
  #torn = 0;
  #isFinishing = false;

  constructor(options: AnalyzerOptions) {
    const { onEvents, maxFlows = DEFAULT_MAX_FLOWS, inspection, share, anomalies = ['applayer'] } = options;
    if (!Number.isInteger(maxFlows) || maxFlows < 1) throw new RangeError(`maxFlows=${maxFlows}: must be 1 or more`);
    this.#events = new EveWriter(this.#errors.keeping(onEvents));
    this.#anomalies = new Set(anomalies);
    this.#tellsStreams = this.#anomalies.has('stream');
    this.#flows = new FlowTable((flow, reason) => this.#report(flow, reason), maxFlows, share);
    this.#owner = share && share.of > 1 ? new ShareOwner(share) : undefined;
    this.#ahead = new LookAhead(this.#flows, this.#owner);
    this.#reader = new PacketReader(this.#flows);
    this.#seen = this.#reader.seen;
    this.#defragmenter = new Defragmenter(this.#reader.decoder);
    this.#state = share?.state ?? (inspection && new SharedState());
    this.#inspection = inspection && this.#makeInspection(inspection, this.#state!);
    this.#payloads = new Payloads(this.#flows, {
      ...this.#inspection?.payloadListener,
      transaction: (flow, tx, direction) => this.#inspection?.transaction(flow, tx, direction),
      finished: (index, tx, swapped) => {
        const flow = this.#flows.flow(index);
        writeTransaction(this.#events, flow, tx, this.#places.of(flow, swapped));
      },
      anomaly: (flow, anomaly) => {
        if (this.#anomalies.has('applayer')) this.#tellAppAnomaly(flow, anomaly);
        this.#inspection?.appEvent(flow, anomaly);
      },
      comparesBytes: () => this.#wantsStreamEvents,
      reassembly: (flow, event) => {
        if (flow === this.#segmentOf) this.#tellStreamEvent(event);
      },
    });
  }

  /** Other rules from the next packet on, if there were any before; what is known of flows and addresses stays. */
  reload(rules: readonly Rule[]): void {
    this.#inspection?.reload(rules);
  }

  /**
   * Looks at what is left of a batch. Keeps nothing of it. Packets that the tap overwrote meanwhile are counted as that, and
   * not as packets.
   */
  addBatch(batch: PacketBatch): void {
    for (let chunk = batch.nextChunk(); chunk !== undefined; chunk = batch.nextChunk()) this.#addAll(chunk);
    this.#errors.throwFirst();
  }

  /** The same for the packets of a chunk, which several analyzers may look at. */
  addChunk(chunk: PacketChunk): void {
    this.#addAll(chunk);
    this.#errors.throwFirst();
  }

  /** The same for a single packet. */
  add(packet: PacketView): void {
    this.addChunk(this.#single.of(packet));
  }

  /** Ends all flows and reports the statistics. Only the first call does anything. */
  finish(losses: CaptureLosses = {}): void {
    if (this.#isFinishing) return;
    this.#isFinishing = true;
    const last = this.#state?.turns.meet({ sec: this.#places.sec, nsec: this.#places.nsec });
    if (last !== undefined) this.#keepLast(last.sec, last.nsec);
    this.#flows.finish(this.#places.sec);
    this.#state?.turns.leave();
    writeStats(this.#events, {
      counts: this.#counts,
      flows: this.#flows,
      payloads: this.#payloads,
      alerts: this.#inspection?.counts,
      forgotten: this.#inspection && this.#state?.forgotten,
      defragmenter: this.#defragmenter,
      losses,
      overwritten: this.#overwritten,
      now: this.#places,
      uptime: Math.max(0, this.#places.sec - this.#firstSec),
    });
    this.flush();
  }

  /** Hands over the events that there are. For who has nothing to add at the moment: after each batch. */
  flush(): void {
    this.#events.flush();
    this.#errors.throwFirst();
  }

  /** Packets of its own that add() was called with, whether they were intact or not. */
  get taken(): number {
    return this.#counts.packets + this.#torn;
  }

  /** What was seen so far, at any time; its lists have at most so many rows. */
  summary(rows = DEFAULT_ROWS): AnalyzerSummary {
    const talkers = this.#talkers.clone();
    const applications = new Map(this.#applications);
    for (const flow of this.#flows) {
      talkers.addFlow(flow);
      addApplication(applications, this.#payloads.protocolOf(flow.index));
    }
    return summaryOf({
      rows,
      counts: this.#counts,
      applications,
      flows: this.#flows,
      talkers,
      alerts: this.#inspection?.top(rows) ?? [],
      forgotten: this.#state?.forgotten ?? 0,
      first: { sec: this.#firstSec, nsec: this.#firstNsec },
      last: { sec: this.#places.sec, nsec: this.#places.nsec },
    });
  }

  #addAll(chunk: PacketChunk): void {
    this.#ahead.take(chunk);
    for (let i = 0; i < chunk.length; i++) {
      const packet = chunk.at(i);
      const plain = this.#ahead.plain(i);
      this.#state?.turns.begin(packet);
      this.#places.meet(packet);
      if (plain === undefined) this.#addOther(packet);
      else this.#addPlain(packet, plain);
    }
  }

  #addPlain(packet: PacketView, { layers, seen, isOwn, caplen }: SightedPacket): void {
    this.#seen = seen;
    this.#isOwn = isOwn;
    this.#keepTime();
    if (isOwn) this.#counts.addPlain(layers, caplen, seen.bytes);
    this.#follow(packet, layers);
  }

  #addOther(packet: PacketView): void {
    this.#seen = this.#reader.seen;
    const layers = this.#reader.read(packet);
    this.#isOwn = this.#owner === undefined || this.#owner.ownsHash(packet.flowHash);
    if (layers === undefined) {
      if (this.#isOwn) this.#overwritten++;
      if (this.#isOwn) this.#torn++;
      return;
    }
    this.#keepTime();
    if (this.#isOwn) this.#counts.add(layers, this.#reader.linktype, this.#reader.caplen, this.#seen.bytes);
    this.#follow(packet, layers);
  }

  /** Adds the packet to its flow, and so with those inside of it. */
  #follow(packet: PacketView, outer: Layers, isRebuilt = false): void {
    let layers: Layers | undefined = outer;
    while (layers !== undefined) {
      this.#ownsFlow = this.#owner === undefined || this.#isOfOwnFlow();
      if (this.#ownsFlow || this.#isOwn) this.#inspect(packet, layers, isRebuilt);
      if (this.#reader.decoder.events.length > 0) this.#tellEvents(packet, layers);
      if (layers.fragment === 1) return this.#defragment(packet, layers);
      this.#state?.turns.next();
      if (this.#ownsFlow) this.#track(packet, layers);
      if (!mayCarry(layers)) return;
      this.#state?.turns.next();
      layers = this.#reader.readInner(packet);
      if (layers === undefined) {
        if (this.#reader.decoder.events.length > 0) this.#tellEvents(packet, outer);
      } else if (this.#isOwn) {
        this.#counts.addInner(layers);
      }
    }
  }

  /** A packet of no flow goes with its flow hash. */
  #isOfOwnFlow(): boolean {
    return this.#seen.tracked === Tracking.none ? this.#isOwn : this.#owner!.ownsFlow(this.#seen.key);
  }

  #inspect(packet: PacketView, layers: Layers, isRebuilt: boolean): void {
    this.#inspection?.read(packet, layers, this.#seen, isRebuilt);
  }

  #track(packet: PacketView, layers: Layers): void {
    if (this.#seen.tracked === Tracking.none) {
      this.#look(NO_FLOW);
    } else if (this.#seen.tracked === Tracking.known) {
      const flow = this.#flows.addToKnown(this.#seen);
      this.#look(flow);
    } else {
      this.#addToFlow(packet, layers);
    }
  }

  #look(flow: number): void {
    if (this.#inspection?.look(flow) === false) this.#overwritten++;
  }

  /** Rules look at a segment before its stream is understood, at a datagram after: as Suricata does. */
  #addToFlow(packet: PacketView, layers: Layers): void {
    const flow = this.#flows.add(this.#seen);
    if (layers.protocol === TCP) return this.#addSegment(flow, packet, layers);
    if (!this.#payloads.add(flow, packet, layers, this.#inspection?.payload)) this.#overwritten++;
    this.#look(flow);
  }

  #addSegment(flow: number, packet: PacketView, layers: Layers): void {
    this.#segmentOf = flow;
    if (this.#wantsStreamEvents) this.#tracker.add(flow, this.#flows.toServer, packet, layers);
    this.#look(flow);
    if (!this.#payloads.add(flow, packet, layers, this.#inspection?.payload)) this.#overwritten++;
    this.#segmentOf = NO_FLOW;
  }

  get #wantsStreamEvents(): boolean {
    return this.#tellsStreams || this.#inspection?.needsStreamEvents === true;
  }

  /**
   * Rules look at a fragment by its IP header, as at a packet of no flow. What fragments make is a packet of its own, with the tags
   * of the last one and as deep as that lay.
   */
  #defragment(packet: PacketView, layers: Layers): void {
    if (this.#isOwn) this.#look(NO_FLOW);
    const { vlans, depth } = this.#seen.key;
    const whole = this.#defragmenter.add(packet, layers, vlans);
    this.#state?.turns.next();
    if (this.#reader.decoder.events.length > 0) this.#tellEvents(packet, layers);
    if (whole === undefined || depth >= MAX_DEPTH) return;
    const inside = this.#reader.readWhole(whole);
    if (this.#isOwn) this.#counts.addWhole(inside);
    this.#follow(whole, inside, true);
  }

  /** Each is counted, and told with the time of the packet that is being looked at; others' are told by others. */
  #tellEvents(packet: PacketView, layers: Layers): void {
    const facts = this.#anomalies.has('decode') ? this.#factsOf(packet, layers) : undefined;
    for (const event of this.#isOwn ? this.#reader.decoder.events : NO_EVENTS) {
      this.#counts.events.add(event);
      this.#inspection?.packetEvent(event);
      if (this.#anomalies.has('decode'))
        writeDecoderAnomaly(this.#events, event, this.#places.at(this.#seen.interfaceIndex), facts);
    }
    this.#reader.decoder.events.length = 0;
  }

  /** Who sent the packet to whom; undefined: it was overwritten meanwhile. */
  #factsOf(packet: PacketView, layers: Layers): PacketSight | undefined {
    try {
      this.#sight.fill(packet, layers);
    } catch (error) {
      if (packet.isIntact()) throw error;
    }
    return packet.isIntact() ? this.#sight : undefined;
  }

  #tellStreamEvent(name: StreamEvent): void {
    const flow = this.#segmentOf;
    this.#inspection?.streamEvent(flow, name);
    if (!this.#anomalies.has('stream')) return;
    const seen = this.#flows.flow(flow);
    writeStreamAnomaly(this.#events, seen, name, this.#places.of(seen, !this.#flows.toServer));
  }

  #tellAppAnomaly(index: number, anomaly: PayloadAnomaly): void {
    const flow = this.#flows.flow(index);
    writeAppAnomaly(this.#events, flow, anomaly, this.#places.of(flow));
  }

  #keepTime(): void {
    this.#keepLast(this.#seen.tsSec, this.#seen.tsNsec);
    if (this.#counts.packets > 0) return;
    this.#firstSec = this.#seen.tsSec;
    this.#firstNsec = this.#seen.tsNsec;
  }

  #keepLast(sec: number, nsec: number): void {
    this.#places.sec = sec;
    this.#places.nsec = nsec;
  }

  #report(flow: Flow, reason: FlowEndReason): void {
    const { index } = flow;
    if (this.#isFinishing) this.#state?.turns.finish(flow.startSec, flow.startNsec);
    this.#talkers.addFlow(flow);
    const appProto = this.#payloads.protocolOf(index);
    addApplication(this.#applications, appProto);
    const originalProto = this.#payloads.originalProtocolOf(index);
    this.#payloads.end(index);
    this.#tracker.end(index);
    const alerted = this.#inspection?.end(index) === true;
    const seen = this.#flows.flow(index);
    writeFlow(this.#events, seen, { reason, place: this.#places.of(seen), appProto, originalProto, alerted });
  }

  #makeInspection({ onFastLine, ...options }: InspectionOptions, state: SharedState): Inspection {
    const listener = onFastLine && { onFastLine: this.#errors.keeping(onFastLine) };
    return new Inspection(
      { ...options, ...listener },
      {
        state,
        flows: this.#flows,
        events: this.#events,
        place: (flow) =>
          this.#places.at(flow === undefined ? this.#seen.interfaceIndex : this.#flows.flow(flow).interfaceIndex),
        appProtocol: (flow) => this.#payloads.protocolOf(flow),
      },
    );
  }
}

const NO_EVENTS: readonly DecoderEvent[] = [];

/** Rows of the lists in a summary. */
const DEFAULT_ROWS = 10;

/** How many packets may lie around one that is looked at: a whole packet made of fragments counts those of its fragments. */
const MAX_DEPTH = 16;

/** A look that spares most packets the search for one inside of them. */
function mayCarry({ protocol, dstPort, srcPort }: Layers): boolean {
  if (protocol === TCP) return false;
  return protocol !== UDP || isTunnelPort(dstPort) || isTunnelPort(srcPort);
}

function addApplication(flows: Map<string, number>, protocol: string | undefined): void {
  if (protocol !== undefined) flows.set(protocol, (flows.get(protocol) ?? 0) + 1);
}
