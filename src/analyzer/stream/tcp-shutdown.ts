// The end of a connection (RFC 9293 section 3.6), as Suricata follows it: it is the client's that goes to CLOSE-WAIT with
// its own FIN, and the server's to FIN-WAIT-1. Each function says whether the segment is believed.

import type { StreamEvent } from './stream-events.js';
import {
  catchUp,
  Flags,
  isAckValid,
  isResetValid,
  isRetransmission,
  isSpurious,
  keepAck,
  keepSeq,
  keepWindow,
  widen,
} from './tcp-checks.js';
import { areTimestampsValid, keepTimestamp } from './tcp-timestamps.js';
import { ahead, type TrackedConnection, TrackedState } from './tracked-connection.js';

/** The first FIN. */
export function finish(connection: TrackedConnection): boolean {
  const { segment, sender, receiver, toServer } = connection;
  if (!isAckValid(connection, receiver)) return connection.refuse('fin_invalid_ack');
  if (isOutside(connection)) return connection.refuse('fin_out_of_window');
  connection.state = toServer ? TrackedState.closeWait : TrackedState.finWait1;
  believe(connection);
  sender.nextSeq = segment.end;
  catchUp(receiver);
  return true;
}

/** A reset that was believed. */
export function closeByReset(connection: TrackedConnection): boolean {
  connection.state = TrackedState.closed;
  return true;
}

interface Names {
  readonly invalidAck: StreamEvent;
  readonly wrongFin?: StreamEvent;
  readonly wrongAck?: StreamEvent;
}

const FIN_WAIT_1: Names = {
  invalidAck: 'fin1_invalid_ack',
  wrongFin: 'fin1_fin_wrong_seq',
  wrongAck: 'fin1_ack_wrong_seq',
};
const FIN_WAIT_2: Names = {
  invalidAck: 'fin2_invalid_ack',
  wrongFin: 'fin2_fin_wrong_seq',
  wrongAck: 'fin2_ack_wrong_seq',
};
const CLOSE_WAIT: Names = {
  invalidAck: 'closewait_invalid_ack',
  wrongFin: 'closewait_fin_out_of_window',
  wrongAck: 'closewait_ack_out_of_window',
};

/** The server has sent its FIN. */
export function inFinWait1(connection: TrackedConnection): boolean {
  const ended = common(connection);
  if (ended !== undefined) return ended;
  const { segment, toServer, server } = connection;
  if (segment.has(Flags.fin)) {
    const acknowledgesFin = segment.has(Flags.ack) && toServer && ahead(server.nextSeq, segment.ack) >= 0;
    return laterFin(connection, FIN_WAIT_1, acknowledgesFin ? TrackedState.timeWait : TrackedState.closing);
  }
  if (!laterAck(connection, FIN_WAIT_1)) return false;
  if (toServer && ahead(server.nextSeq, segment.ack) >= 0) connection.state = TrackedState.finWait2;
  return true;
}

/** The client has acknowledged it. */
export function inFinWait2(connection: TrackedConnection): boolean {
  const ended = common(connection);
  if (ended !== undefined) return ended;
  return connection.segment.has(Flags.fin)
    ? laterFin(connection, FIN_WAIT_2, TrackedState.timeWait)
    : laterAck(connection, FIN_WAIT_2);
}

/** The client has sent its FIN. */
export function inCloseWait(connection: TrackedConnection): boolean {
  const ended = common(connection);
  if (ended !== undefined) return ended;
  const { segment, toServer } = connection;
  if (segment.has(Flags.fin)) {
    return laterFin(connection, CLOSE_WAIT, toServer ? TrackedState.closeWait : TrackedState.lastAck);
  }
  if (isSpurious(connection)) {
    isRetransmission(connection);
    return connection.refuse('closewait_pkt_before_last_ack');
  }
  return laterAck(connection, CLOSE_WAIT);
}

/** Both have sent a FIN before they saw the other's. */
export function inClosing(connection: TrackedConnection): boolean {
  const ended = common(connection);
  if (ended !== undefined) return ended;
  return lastAck(connection, 'closing_ack_wrong_seq', 'closing_invalid_ack', TrackedState.timeWait);
}

/** Both have sent a FIN, the client first: its acknowledgement is still to come. */
export function inLastAck(connection: TrackedConnection): boolean {
  const ended = common(connection);
  if (ended !== undefined) return ended;
  if (connection.segment.has(Flags.fin)) return true;
  return lastAck(connection, 'lastack_ack_wrong_seq', 'lastack_invalid_ack', TrackedState.closed);
}

/** Both have sent a FIN, the server first. */
export function inTimeWait(connection: TrackedConnection): boolean {
  const ended = common(connection);
  if (ended !== undefined) return ended;
  return lastAck(connection, 'timewait_ack_wrong_seq', 'timewait_invalid_ack', TrackedState.closed);
}

/** What is the same in all these states; undefined: go on. */
function common(connection: TrackedConnection): boolean | undefined {
  const { segment } = connection;
  if (segment.has(Flags.rst)) return isResetValid(connection) && closeByReset(connection);
  if (segment.has(Flags.syn)) return segment.has(Flags.ack) ? false : connection.refuse('shutdown_syn_resend');
  if (!segment.has(Flags.ack) && !segment.has(Flags.fin)) return false;
  return areTimestampsValid(connection) ? undefined : false;
}

function laterFin(connection: TrackedConnection, { wrongFin, invalidAck }: Names, next: number): boolean {
  const { receiver } = connection;
  const isAgain = connection.state === TrackedState.finWait2 && isSameFin(connection);
  const isRepeated = isRetransmission(connection) || isAgain;
  if (!isRepeated && isOutside(connection)) return connection.refuse(wrongFin!);
  if (!isAckValid(connection, receiver)) return connection.refuse(invalidAck);
  if (!isRepeated) connection.state = next;
  believe(connection, isRepeated);
  return true;
}

function laterAck(connection: TrackedConnection, { wrongAck, invalidAck }: Names): boolean {
  const { segment, sender, receiver } = connection;
  const isRepeated = isRetransmission(connection);
  if (!isAckValid(connection, receiver)) return connection.refuse(invalidAck);
  if (!isRepeated && ahead(sender.nextWin, segment.end) > 0) return connection.refuse(wrongAck!);
  believe(connection, isRepeated);
  return true;
}

function lastAck(connection: TrackedConnection, wrongSeq: StreamEvent, invalidAck: StreamEvent, next: number): boolean {
  const { segment, sender, receiver } = connection;
  const isRepeated = isRetransmission(connection);
  const distance = ahead(sender.nextSeq, segment.seq);
  if (!isRepeated && distance !== 0 && distance !== 1) return connection.refuse(wrongSeq);
  if (!isAckValid(connection, receiver)) return connection.refuse(invalidAck);
  if (!isRepeated) connection.state = next;
  believe(connection, isRepeated);
  return true;
}

/** The same FIN once more. */
function isSameFin({ segment, sender, receiver }: TrackedConnection): boolean {
  return segment.length === 0 && segment.seq === (sender.nextSeq - 1) >>> 0 && segment.ack === receiver.lastAck;
}

/** Before what is next, or beyond what the other side has room for. */
function isOutside({ segment, sender }: TrackedConnection): boolean {
  const limit = (sender.lastAck + sender.window) >>> 0;
  return ahead(sender.nextSeq, segment.seq) < 0 || ahead(limit, segment.seq) > 0;
}

/** A repeated segment may be an old one: its window is not what it is now. */
function believe(connection: TrackedConnection, isRepeated = false): void {
  const { sender, receiver } = connection;
  if (!isRepeated) keepWindow(connection, receiver);
  keepAck(connection, receiver);
  keepSeq(connection, sender);
  widen(receiver);
  keepTimestamp(connection);
}
