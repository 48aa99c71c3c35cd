// The payload of one TCP connection: put in order, and handed to the connection's application layer. Whoever listens is
// told which flow it was.

import { AppLayer } from './app/app-layer.js';
import type { AppFlow, AppListener, AppProtocol, StreamHandler, Transaction } from './app/app-types.js';
import { Direction } from './app/app-types.js';
import type { SegmentPool } from './stream/segment-pool.js';
import type { StreamEvent } from './stream/stream-events.js';
import { type TcpSegment, TcpStream } from './stream/tcp-stream.js';

/** Who is told what is found in payloads; `flow` is the flow's index in its table. */
export interface PayloadListener {
  transaction(flow: number, tx: Transaction, direction: number): void;
  /** `swapped`: the event's source is who was taken for the server. */
  finished(flow: number, tx: Transaction, swapped: boolean): void;
  anomaly(flow: number, anomaly: PayloadAnomaly): void;
  /** Something is wrong with the bytes of a TCP stream. */
  reassembly?(flow: number, event: StreamEvent): void;
  /** Whether somebody wants to know of bytes that are sent again and differ; default false. */
  comparesBytes?(): boolean;
  /** Bodies of messages are kept for {@link Transaction.buffers}; default false. */
  readonly wantsBodies?: boolean;
  /** Bytes of a TCP stream, in order. Who wants them has every stream put in order up to its depth. */
  stream?(flow: number, direction: number, bytes: Uint8Array): void;
  /**
   * Rules are to look at no payload of a TCP connection any more, as it is encrypted: told by bytes of this direction, which
   * end before this sequence number.
   */
  hidden?(flow: number, direction: number, end: number): void;
  /** Nothing more comes of a TCP stream. */
  closed?(flow: number): void;
}

/** Something odd in a flow's payload. */
export interface PayloadAnomaly {
  readonly protocol: AppProtocol | 'failed';
  readonly event: string;
  readonly direction: number;
  /** Who noticed it, by Suricata's names. */
  readonly layer: 'proto_parser' | 'proto_detect';
  readonly txId: number | undefined;
}

/** What a connection's payload begins with. */
export interface FlowPayloadOptions {
  readonly flow: number;
  readonly ends: AppFlow;
  readonly listener: PayloadListener;
  /** Sequence numbers of the first bytes, by direction. */
  readonly firstSeq: readonly [number, number];
  /** Where segments wait. */
  readonly pool: SegmentPool;
}

/** Bytes of a direction that were lost: none, some, some with others behind them. */
const Gap = { none: 0, open: 1, passed: 2 } as const;

/** One connection's payload. */
export class FlowPayload implements StreamHandler, AppListener {
  readonly #flow: number;
  readonly #listener: PayloadListener;
  readonly #app: AppLayer;
  readonly #stream: TcpStream;
  /** What was told of each transaction. */
  #told: WeakMap<Transaction, Set<string>> | undefined;
  /** By direction: a {@link Gap}. */
  readonly #gaps: number[] = [Gap.none, Gap.none];

  constructor({ flow, ends, listener, firstSeq, pool }: FlowPayloadOptions) {
    this.#flow = flow;
    this.#listener = listener;
    this.#app = new AppLayer(this, ends);
    this.#stream = new TcpStream({ firstSeq, pool, handler: this, compares: listener.comparesBytes?.() === true });
  }

  /** The application protocol; `failed` once given up, undefined while unknown. */
  get protocol(): AppProtocol | 'failed' | undefined {
    return this.#app.protocol;
  }

  get wantsBodies(): boolean {
    return this.#listener.wantsBodies === true;
  }

  /** What the flow spoke before it changed to that, if it did. */
  get originalProtocol(): AppProtocol | undefined {
    return this.#app.originalProtocol;
  }

  /** Nobody will look at what comes. */
  get done(): boolean {
    if (this.#stream.closed) return true;
    return this.#app.done && (this.#listener.stream === undefined || this.#app.hidden);
  }

  /** What comes now is encrypted, and rules look at no payload any more. */
  get hidden(): boolean {
    return this.#app.hidden;
  }

  /** It is done, and its end tells nothing more: it may be let go. */
  get isOver(): boolean {
    return this.#stream.closed || this.#app.isOver;
  }

  /** Bytes of the stream that never came, in so many places. */
  get gaps(): number {
    return this.#stream.gaps;
  }

  /** Whether a segment's bytes make no difference, only their number does: as with the body of a long answer. */
  passes(segment: TcpSegment): boolean {
    if (this.#listener.stream !== undefined || this.#app.unread(segment.direction) < segment.length) return false;
    return this.#stream.continues(segment);
  }

  /** A segment of the connection. `bytes` are needed during the call only, here and below; undefined: it {@link passes}. */
  segment(segment: TcpSegment, bytes: Uint8Array | undefined): void {
    this.#stream.add(segment, bytes);
    this.#tellGap(segment);
  }

  /** The next bytes of the stream. */
  data(direction: number, bytes: Uint8Array): void {
    if (this.#gaps[direction] === Gap.open) this.#gaps[direction] = Gap.passed;
    if (this.#app.encrypted) return this.#app.data(direction, bytes);
    // First, so that what a transaction was found in is there when its rules are looked at.
    this.#listener.stream?.(this.#flow, direction, bytes);
    this.#app.data(direction, bytes);
    if (this.#app.encrypted) this.#listener.closed?.(this.#flow);
  }

  /** Bytes of the stream that only count. */
  pass(direction: number, length: number): void {
    if (this.#gaps[direction] === Gap.open) this.#gaps[direction] = Gap.passed;
    this.#app.pass(direction, length);
  }

  notice(event: StreamEvent): void {
    this.#listener.reassembly?.(this.#flow, event);
  }

  gap(direction: number, length: number): void {
    this.#gaps[direction] = Gap.open;
    this.#app.gap(direction, length);
  }

  /** A hole in what somebody reads is told of once something came behind it and was acknowledged: as Suricata does. */
  #tellGap({ direction, hasAck }: TcpSegment): void {
    const other = 1 - direction;
    if (!hasAck || this.#gaps[other] !== Gap.passed) return;
    this.#gaps[other] = Gap.none;
    if (this.#app.protocol !== undefined && this.#app.protocol !== 'failed')
      this.#listener.reassembly?.(this.#flow, 'reassembly_seq_gap');
  }

  /** The stream has ended. */
  close(): void {
    this.#app.close();
    this.#listener.closed?.(this.#flow);
  }

  /** The flow has ended, whether its stream has or not. */
  end(): void {
    this.#stream.close();
  }

  /** Nobody looks at the stream any more: what waits of it goes. Rules look at what they gathered. */
  drop(): void {
    this.#stream.drop();
    this.#listener.closed?.(this.#flow);
  }

  transaction(tx: Transaction, direction: number): void {
    this.#listener.transaction(this.#flow, tx, direction);
  }

  finished(tx: Transaction): void {
    const byServer = tx.sentBy === Direction.toClient;
    this.#listener.finished(this.#flow, tx, byServer !== this.#app.reversed);
    tx.letGo?.();
  }

  anomaly(protocol: AppProtocol | 'failed', event: string, direction: number, tx?: Transaction): void {
    if (tx !== undefined && !this.#isNews(tx, event)) return;
    const txId = tx?.id;
    this.#listener.anomaly(this.#flow, { protocol, event, direction, layer: 'proto_parser', txId });
  }

  detectionAnomaly(protocol: AppProtocol, event: string, direction: number): void {
    this.#listener.anomaly(this.#flow, { protocol, event, direction, layer: 'proto_detect', txId: undefined });
  }

  #isNews(tx: Transaction, event: string): boolean {
    this.#told ??= new WeakMap();
    const known = this.#told.get(tx);
    if (known === undefined) this.#told.set(tx, new Set([event]));
    else if (known.has(event)) return false;
    else known.add(event);
    return true;
  }
}
