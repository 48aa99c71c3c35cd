// Whether a segment fits its connection: acknowledgements, resets, repetitions. As lenient and as strict as
// Suricata, whose names the events have.

import { areTimestampsValid } from './tcp-timestamps.js';
import { ahead, type TrackedConnection, TrackedState } from './tracked-connection.js';
import { SideBit, type TrackedSide } from './tracked-side.js';

/** What is acknowledged must have been sent, or at least allowed to be (RFC 9293 section 3.10.7.4). */
export function isAckValid(connection: TrackedConnection, acknowledged: TrackedSide): boolean {
  const { segment } = connection;
  if (!segment.has(ACK)) return true;
  const { ack } = segment;
  const { lastAck, nextWin, window } = acknowledged;
  const progress = ahead(lastAck, ack);
  if (progress === 0 || (progress > 0 && ahead(nextWin, ack) <= 0)) return true;
  if (progress < 0 && -progress <= window) return true;
  if (progress < 0 && ahead(acknowledged.isn, ack) >= 0) return true;
  return connection.refuse('pkt_invalid_ack');
}

const ACK = 16;
const SYN = 2;
const FIN = 1;

/** Whether its payload was acknowledged before. */
export function isSpurious({ segment, sender }: TrackedConnection): boolean {
  return segment.length > 0 && ahead(sender.lastAck, segment.end) <= 0;
}

/** Whether its payload, or part of it, was there before. */
export function isRetransmission(connection: TrackedConnection): boolean {
  const { segment, sender } = connection;
  if (segment.length === 0) return false;
  const isRepeated = ahead(sender.nextSeq, segment.end) <= 0 || ahead(sender.lastAck, segment.seq) < 0;
  if (isRepeated) connection.note('pkt_retransmission');
  return isRepeated;
}

/** A question whether the other side is still there: one byte before what comes next (RFC 9293 section 3.8.4). */
export function isKeepAlive({ segment, sender, receiver }: TrackedConnection): boolean {
  if (!segment.isPlain || segment.length > 1) return false;
  if (segment.ack !== receiver.nextSeq || segment.seq !== (sender.nextSeq - 1) >>> 0) return false;
  sender.mark(SideBit.keepAlive);
  return true;
}

/** The answer to it, which says nothing new. */
export function isKeepAliveAnswer({ segment, sender, receiver }: TrackedConnection): boolean {
  if (!segment.isPlain || segment.length > 0 || !receiver.has(SideBit.keepAlive)) return false;
  const window = segment.window * 2 ** receiver.scale;
  if (segment.ack !== receiver.nextSeq || segment.seq !== sender.nextSeq || window !== receiver.window) return false;
  receiver.mark(SideBit.keepAlive, false);
  return true;
}

/** A window that shrinks, in a segment that is ahead of everything and behind in what it acknowledges. */
export function isBadWindowUpdate(connection: TrackedConnection): boolean {
  const { segment, sender, receiver, state } = connection;
  if (state < TrackedState.established || !segment.isPlain || segment.length > 0) return false;
  const less = receiver.window - segment.window * 2 ** receiver.scale;
  if (less <= 0) return false;
  if (ahead(receiver.nextSeq, segment.ack) >= 0 || ahead(sender.nextSeq, segment.seq) <= 0) return false;
  connection.note('pkt_bad_window_update');
  return true;
}

/** A reset must come from where the connection is: else anybody could end it (RFC 5961 section 3). */
export function isResetValid(connection: TrackedConnection): boolean {
  const { segment, sender, receiver } = connection;
  if (segment.has(ACK) && segment.ack !== 0 && !isAckValid(connection, receiver)) {
    return connection.refuse('rst_invalid_ack');
  }
  return areTimestampsValid(connection) && segment.seq === sender.nextSeq;
}

/** The acknowledgement is believed. */
export function keepAck({ segment }: TrackedConnection, acknowledged: TrackedSide): void {
  if (!segment.has(ACK)) return;
  if (ahead(acknowledged.lastAck, segment.ack) > 0) acknowledged.lastAck = segment.ack;
}

/** What was acknowledged has been sent, even if it was not seen. */
export function catchUp(acknowledged: TrackedSide): void {
  if (ahead(acknowledged.nextSeq, acknowledged.lastAck) > 0) acknowledged.nextSeq = acknowledged.lastAck;
}

/** The window is believed. */
export function keepWindow({ segment }: TrackedConnection, receiver: TrackedSide): void {
  receiver.window = segment.window * 2 ** receiver.scale;
}

/** How far a sender may go now. */
export function widen(side: TrackedSide): void {
  const limit = (side.lastAck + side.window) >>> 0;
  if (ahead(side.nextWin, limit) > 0) side.nextWin = limit;
}

/** Its payload is believed. */
export function keepSeq({ segment }: TrackedConnection, sender: TrackedSide): void {
  if (ahead(sender.nextSeq, segment.seq) <= 0 && ahead(sender.nextSeq, segment.end) > 0) sender.nextSeq = segment.end;
}

/** Flags that begin or end something. */
export const Flags = { syn: SYN, ack: ACK, fin: FIN, rst: 4, synAck: SYN | ACK } as const;
