// Flows at whose payload rules look no more, as it is encrypted. That begins behind the packet that acknowledges the bytes by
// which it was told, as Suricata reads bytes when they are acknowledged: until then their sender may have sent some more.

import { TcpFlag } from '../flow/tcp-state.js';
import { FlowSet } from './flow-set.js';

/** What is asked of a segment. */
export interface AcknowledgingSegment {
  readonly flow: number;
  readonly direction: number;
  /** -1: it is no segment. */
  readonly tcpFlags: number;
  readonly tcpAck: number;
}

/** The bytes that told it. */
interface Told {
  readonly direction: number;
  /** Sequence number behind them. */
  readonly end: number;
}

/** All of them, by the flows' indices. */
export class EncryptedFlows {
  readonly #flows = new FlowSet();
  /** Of these, those of which the bytes that told it are not acknowledged. */
  readonly #awaiting = new Map<number, Told>();

  /** It was told by bytes of this direction, which end before this sequence number. */
  add(flow: number, direction: number, end: number): void {
    this.#flows.set(flow, true);
    this.#awaiting.set(flow, { direction, end });
  }

  /** Whether rules pass over the segment's payload. To be asked of each once, in order. */
  hides(segment: AcknowledgingSegment): boolean {
    if (!this.#flows.has(segment.flow)) return false;
    const told = this.#awaiting.get(segment.flow);
    if (told === undefined) return true;
    if (acknowledges(segment, told)) this.#awaiting.delete(segment.flow);
    return false;
  }

  /** The flow is over. */
  delete(flow: number): void {
    if (!this.#flows.has(flow)) return;
    this.#flows.delete(flow);
    this.#awaiting.delete(flow);
  }
}

function acknowledges({ direction, tcpFlags, tcpAck }: AcknowledgingSegment, told: Told): boolean {
  return direction !== told.direction && (tcpFlags & TcpFlag.ack) !== 0 && ((tcpAck - told.end) | 0) >= 0;
}
