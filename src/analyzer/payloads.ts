// The payloads of all flows. A connection has an object here from its first payload on, until it ends; a flow whose
// payload nobody looks at any more costs a look at one word. A packet's payload is copied before anybody parses it: a tap may
// overwrite the ring meanwhile, and what a parser has once believed can't be taken back.

import type { Layers, PacketView } from '../index.js';
import { ByteRange } from './app/byte-range.js';
import { Datagrams } from './datagrams.js';
import { WordMemory } from './detect/word-memory.js';
import type { FlowTable } from './flow/flow-table.js';
import { TcpFlag } from './flow/tcp-state.js';
import { FlowPayload, type PayloadListener } from './flow-payload.js';
import { TCP, UDP } from './ip-protocols.js';
import { SegmentPool } from './stream/segment-pool.js';

const NOTHING = new Uint8Array(0);
/** Of the memory that payloads are copied into. */
const FIRST_BYTES = 2048;

/** A reused {@link TcpSegment}. */
class Segment {
  direction = 0;
  seq = 0;
  ack = 0;
  hasAck = false;
  isFin = false;
  isRst = false;
  length = 0;
}

/** All payloads. */
export class Payloads {
  readonly #flows: FlowTable;
  readonly #listener: PayloadListener;
  readonly #pool = new SegmentPool();
  readonly #segment = new Segment();
  readonly #byFlow: (FlowPayload | undefined)[] = [];
  /** Protocols of flows that have no object any more, by flow. */
  readonly #ended: (string | undefined)[] = [];
  readonly #datagrams: Datagrams;
  readonly #range = new ByteRange();
  readonly #memory = new WordMemory(FIRST_BYTES);
  #streams = 0;
  #gaps = 0;

  constructor(flows: FlowTable, listener: PayloadListener) {
    this.#flows = flows;
    this.#listener = listener;
    this.#datagrams = new Datagrams(listener);
  }

  /** TCP connections whose payload was put in order. */
  get streams(): number {
    return this.#streams;
  }

  /** Places where bytes of a stream never came, in streams that are over. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Segments that did not wait for what came before them, for lack of room. */
  get refusedSegments(): number {
    return this.#pool.refused;
  }

  /** Bytes of memory that waiting segments take. */
  get segmentMemory(): number {
    return this.#pool.used;
  }

  /** What is known of a flow's application protocol. */
  protocolOf(flow: number): string | undefined {
    const payload = this.#byFlow[flow];
    if (payload !== undefined) return payload.protocol;
    return this.#ended[flow] ?? this.#datagrams.protocolOf(flow) ?? (this.#isDone(flow) ? 'failed' : undefined);
  }

  /** What a flow spoke before it changed to another protocol, as with STARTTLS; else undefined. */
  originalProtocolOf(flow: number): string | undefined {
    return this.#byFlow[flow]?.originalProtocol;
  }

  /**
   * Looks at the payload of a packet that was just added to its flow; `copied`: a copy of it, if somebody made one. False:
   * it was overwritten meanwhile.
   */
  add(flow: number, packet: PacketView, layers: Layers, copied?: Uint8Array): boolean {
    if (this.#isDone(flow)) return true;
    if (layers.protocol === TCP) return this.#addSegment(flow, packet, layers, copied);
    return layers.protocol === UDP ? this.#addDatagram(flow, packet, layers, copied) : true;
  }

  /** The flow ends: its index will be another's. */
  end(flow: number): void {
    this.#datagrams.end(flow);
    if (this.#ended[flow] !== undefined) this.#ended[flow] = undefined;
    const payload = this.#byFlow[flow];
    if (payload === undefined) return;
    payload.end();
    this.#gaps += payload.gaps;
    this.#byFlow[flow] = undefined;
  }

  #isDone(flow: number): boolean {
    return this.#flows.isPayloadDone(flow);
  }

  #addDatagram(flow: number, packet: PacketView, layers: Layers, copied: Uint8Array | undefined): boolean {
    if (layers.payloadLength === 0) return true;
    const datagram = copied === undefined ? this.#copy(packet, layers) : this.#range.moveTo(copied);
    if (datagram === undefined) return false;
    if (datagram.length <= 0) return true;
    const direction = this.#flows.toServer ? 0 : 1;
    if (this.#datagrams.add(flow, this.#flows.flow(flow), direction, datagram)) this.#flows.setPayloadDone(flow);
    return true;
  }

  #addSegment(flow: number, packet: PacketView, layers: Layers, copied: Uint8Array | undefined): boolean {
    // Without them nothing can have begun: most connections that were not seen from the start end here.
    if (!this.#flows.hasBothSyns(flow)) return true;
    const known = this.#byFlow[flow];
    if (known === undefined && layers.payloadLength === 0) return true;
    this.#describe(layers);
    const isRead = !this.#isPassed(known, packet, layers);
    const bytes = isRead ? this.#bytesOf(packet, layers, copied) : undefined;
    if (isRead && bytes === undefined) return false;
    const payload = known ?? this.#begin(flow);
    payload.segment(this.#segment, bytes);
    this.#retire(flow, payload);
    return true;
  }

  /** Whether nobody reads the segment's bytes, and it was captured whole: then it is not copied. */
  #isPassed(known: FlowPayload | undefined, packet: PacketView, { payloadOffset, payloadLength }: Layers): boolean {
    if (known === undefined || payloadLength === 0 || payloadOffset + payloadLength > packet.caplen) return false;
    return known.passes(this.#segment);
  }

  #bytesOf(packet: PacketView, layers: Layers, copied: Uint8Array | undefined): Uint8Array | undefined {
    return layers.payloadLength === 0 ? NOTHING : (copied ?? this.#copy(packet, layers)?.view());
  }

  #describe(layers: Layers): void {
    const segment = this.#segment;
    segment.direction = this.#flows.toServer ? 0 : 1;
    const isSyn = (layers.tcpFlags & TcpFlag.syn) !== 0;
    segment.seq = isSyn ? (layers.tcpSeq + 1) >>> 0 : layers.tcpSeq;
    segment.ack = layers.tcpAck;
    segment.hasAck = (layers.tcpFlags & TcpFlag.ack) !== 0;
    segment.isFin = (layers.tcpFlags & TcpFlag.fin) !== 0;
    segment.isRst = (layers.tcpFlags & TcpFlag.rst) !== 0;
    segment.length = layers.payloadLength;
  }

  #begin(flow: number): FlowPayload {
    const { srcPort, dstPort } = this.#flows.flow(flow);
    this.#streams++;
    const payload = new FlowPayload({
      flow,
      ends: { srcPort, dstPort },
      listener: this.#listener,
      firstSeq: [this.#flows.firstSeq(flow, 0), this.#flows.firstSeq(flow, 1)],
      pool: this.#pool,
    });
    this.#byFlow[flow] = payload;
    return payload;
  }

  /** Of a flow that nobody looks at any more only its protocol is kept, if its end tells nothing. */
  #retire(flow: number, payload: FlowPayload): void {
    if (!payload.done) return;
    payload.drop();
    if (payload.hidden)
      this.#listener.hidden?.(flow, this.#segment.direction, this.#segment.seq + this.#segment.length);
    this.#flows.setPayloadDone(flow);
    if (!payload.isOver || payload.originalProtocol !== undefined) return;
    this.#gaps += payload.gaps;
    this.#ended[flow] = payload.protocol;
    this.#byFlow[flow] = undefined;
  }

  /** What was captured of the payload, or undefined if it was overwritten while it was copied. */
  #copy(packet: PacketView, { payloadOffset, payloadLength }: Layers): ByteRange | undefined {
    const end = Math.min(payloadOffset + payloadLength, packet.caplen);
    this.#memory.reserve(end);
    if (payloadOffset < end) packet.copyTo(this.#memory.words, payloadOffset, end);
    return packet.isIntact() ? this.#range.moveTo(this.#memory.bytes, payloadOffset, end) : undefined;
  }
}
