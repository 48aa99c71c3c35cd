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
  readonly #sides: readonly [StreamSide, StreamSide];
  #closed = false;

  constructor({ firstSeq, handler, pool, depth = STREAM_DEPTH, compares = false }: TcpStreamOptions) {
    this.#handler = handler;
    const side = (direction: 0 | 1) =>
      new StreamSide({ direction, seq: firstSeq[direction], depth, handler, pool, compares });
    this.#sides = [side(Direction.toServer), side(Direction.toClient)];
  }

  /** Both directions have ended, or one has reset the connection: the handler was told. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Gaps in both directions. */
  get gaps(): number {
    return this.#sides[0].gaps + this.#sides[1].gaps;
  }

  /** Takes a segment; `bytes` are what was captured of its payload. */
  add(segment: TcpSegment, bytes: Uint8Array): void {
    const { direction, seq } = segment;
    const [own, other] = direction === 0 ? this.#sides : ([this.#sides[1], this.#sides[0]] as const);
    // What it acknowledges was sent before it: requests are complete before their answer begins.
    if (segment.hasAck) other.acknowledged(segment.ack);
    if (bytes.length > 0) own.segment(seq, bytes);
    if (segment.isFin) own.fin((seq + segment.length) >>> 0);
    if (segment.isRst || (own.done && other.done)) this.close();
  }

  /** Hands on what waits, and ends. Only the first call does anything. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const side of this.#sides) side.flush();
    this.drop();
    this.#handler.close();
  }

  /** Gives back the memory of what waits, without a word. */
  drop(): void {
    for (const side of this.#sides) side.drop();
  }
}
