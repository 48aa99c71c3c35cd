// What a TCP segment says of itself, options included: one object, filled for segment after segment.

import type { Layers, PacketView } from '../../index.js';
import { TcpFlag } from '../flow/tcp-state.js';

const TCP_HEADER = 20;
const Option = { end: 0, nothing: 1, windowScale: 3, timestamps: 8 } as const;
/** RFC 7323 section 2.3. */
const MAX_SCALE = 14;

/** A segment, as the checks of its connection see it. */
export class TcpSight {
  seq = 0;
  ack = 0;
  flags = 0;
  window = 0;
  /** Bytes of payload, on the wire. */
  length = 0;
  /** Window scale offered; -1: none. */
  scale = -1;
  hasTimestamps = false;
  timestamp = 0;
  echoed = 0;
  /** When it was captured, in whole seconds. */
  sec = 0;

  /** Throws what the view throws. */
  fill(packet: PacketView, layers: Layers): void {
    this.seq = layers.tcpSeq;
    this.ack = layers.tcpAck;
    this.flags = layers.tcpFlags;
    this.window = layers.tcpWindow;
    this.length = layers.payloadLength;
    this.scale = -1;
    this.hasTimestamps = false;
    this.sec = packet.tsSec;
    const end = Math.min(layers.payloadOffset, layers.end);
    this.#fillOptions(packet, layers.l4Offset + TCP_HEADER, end);
  }

  /** Whether all of these flags are set. */
  has(flags: number): boolean {
    return (this.flags & flags) === flags;
  }

  get isPlain(): boolean {
    return (this.flags & (TcpFlag.syn | TcpFlag.fin | TcpFlag.rst)) === 0;
  }

  /** The sequence number behind its payload. */
  get end(): number {
    return (this.seq + this.length) >>> 0;
  }

  #fillOptions(packet: PacketView, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const kind = packet.u8(at);
      if (kind === Option.end) return;
      const length = kind === Option.nothing ? 1 : at + 1 < end ? packet.u8(at + 1) : 0;
      if (length === 0 || at + length > end) return;
      if (kind === Option.timestamps && length === 10) {
        this.hasTimestamps = true;
        this.timestamp = packet.u32(at + 2);
        this.echoed = packet.u32(at + 6);
      } else if (kind === Option.windowScale && length === 3) this.scale = Math.min(packet.u8(at + 2), MAX_SCALE);
      at += length;
    }
  }
}
