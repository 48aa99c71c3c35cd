// The payload of one TCP connection whose SYNs were seen, both directions, put in order for a handler.

import { Direction, type StreamHandler } from '../app/app-types.js';
import type { SegmentPool } from './segment-pool.js';
import { StreamSide } from './stream-side.js';

/** Bytes of each direction that are looked at: Suricata's stream.reassembly.depth. */
export const STREAM_DEPTH = 1 << 20;

/** A segment as reassembly sees it; reused from packet to packet. */
export interface TcpSegment {
  readonly direction: number;
  readonly seq: number;
  readonly ack: number;
  readonly hasAck: boolean;
  readonly isFin: boolean;
  readonly isRst: boolean;
  /** Bytes on the wire, which may be more than were captured. */
  readonly length: number;
}

/** What a connection's bytes begin with and go to. */
export interface TcpStreamOptions {
  /** Sequence number of the first byte, by direction. */
  readonly firstSeq: readonly [number, number];
  readonly handler: StreamHandler;
  readonly pool: SegmentPool;
  readonly depth?: number;
  /** Bytes sent again are compared with those before; default false. */
  readonly compares?: boolean;
}

/** One connection. */
export class TcpStream {
  readonly #handler: StreamHandler;
  readonly #client: StreamSide;
  readonly #server: StreamSide;
  #closed = false;

  constructor({ firstSeq, handler, pool, depth = STREAM_DEPTH, compares = false }: TcpStreamOptions) {
    this.#handler = handler;
    const side = (direction: 0 | 1) =>
      new StreamSide({ direction, seq: firstSeq[direction], depth, handler, pool, compares });
    this.#client = side(Direction.toServer);
    this.#server = side(Direction.toClient);
  }

  /** Both directions have ended, or one has reset the connection: the handler was told. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Gaps in both directions. */
  get gaps(): number {
    return this.#client.gaps + this.#server.gaps;
  }

  /**
   * Whether a segment only goes on where its direction stands, and acknowledges only what came: then it makes no difference
   * to anybody but who reads its bytes.
   */
  continues({ direction, seq, ack, hasAck, length }: TcpSegment): boolean {
    return this.#side(direction).isNext(seq, length) && (!hasAck || this.#side(1 - direction).hasCome(ack));
  }

  /** Takes a segment; `bytes` are what was captured of its payload. Undefined: it {@link continues}, and nobody reads them. */
  add(segment: TcpSegment, bytes: Uint8Array | undefined): void {
    const { direction, seq } = segment;
    const own = this.#side(direction);
    const other = this.#side(1 - direction);
    // What it acknowledges was sent before it: requests are complete before their answer begins.
    if (segment.hasAck) other.acknowledged(segment.ack);
    if (bytes === undefined) own.pass(segment.length);
    else if (bytes.length > 0) own.segment(seq, bytes);
    if (segment.isFin) own.fin((seq + segment.length) >>> 0);
    if (segment.isRst || (own.done && other.done)) this.close();
  }

  /** Hands on what waits, and ends. Only the first call does anything. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#client.flush();
    this.#server.flush();
    this.drop();
    this.#handler.close();
  }

  /** Gives back the memory of what waits, without a word. */
  drop(): void {
    this.#client.drop();
    this.#server.drop();
  }

  #side(direction: number): StreamSide {
    return direction === Direction.toServer ? this.#client : this.#server;
  }
}
