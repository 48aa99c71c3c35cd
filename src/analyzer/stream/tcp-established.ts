// Segments of an established connection (RFC 9293 section 3.10.7.4), as Suricata checks them. Each function says whether
// the segment is believed.

import { catchUp, Flags, isAckValid, isResetValid, keepAck, keepSeq, keepWindow, widen } from './tcp-checks.js';
import { closeByReset, finish } from './tcp-shutdown.js';
import { areTimestampsValid, keepTimestamp } from './tcp-timestamps.js';
import { ahead, ConnectionBit, type TrackedConnection } from './tracked-connection.js';

export function inEstablished(connection: TrackedConnection): boolean {
  const { segment } = connection;
  if (segment.has(Flags.rst)) return isResetValid(connection) && closeByReset(connection);
  if (segment.has(Flags.fin)) return areTimestampsValid(connection) && finish(connection);
  if (segment.has(Flags.synAck)) return synAckAgain(connection);
  if (segment.has(Flags.syn)) return synAgain(connection);
  return segment.has(Flags.ack) && areTimestampsValid(connection) && data(connection);
}

function synAckAgain(connection: TrackedConnection): boolean {
  const { segment, client, server, toServer } = connection;
  if (toServer) return connection.refuse('est_synack_toserver');
  if (segment.ack !== client.lastAck) return connection.refuse('est_synack_resend_with_different_ack');
  if (segment.seq !== server.isn) return connection.refuse('est_synack_resend_with_diff_seq');
  // The client's last step may have been lost on its way.
  return !connection.has(ConnectionBit.confirmed) || connection.refuse('est_synack_resend');
}

function synAgain(connection: TrackedConnection): boolean {
  const { segment, client, toServer } = connection;
  if (!toServer) return connection.refuse('est_syn_toclient');
  return connection.refuse(segment.seq === client.isn ? 'est_syn_resend' : 'est_syn_resend_diff_seq');
}

function data(connection: TrackedConnection): boolean {
  const { segment, sender, receiver, toServer } = connection;
  if (!isAckValid(connection, receiver)) return connection.refuse('est_invalid_ack');
  if (isBeforeLastAck(connection)) return connection.refuse('est_pkt_before_last_ack');
  if (!isZeroProbe(connection) && ahead(sender.nextWin, segment.end) > 0) {
    return connection.refuse('est_packet_out_of_window');
  }
  if (!toServer) connection.mark(ConnectionBit.confirmed);
  keepSeq(connection, sender);
  keepWindow(connection, receiver);
  keepAck(connection, receiver);
  catchUp(receiver);
  widen(receiver);
  keepTimestamp(connection);
  return true;
}

/** What has bytes, and was acknowledged before, is told as a retransmission. */
function isBeforeLastAck({ segment, sender }: TrackedConnection): boolean {
  return segment.length === 0 && ahead(sender.lastAck, segment.end) < 0;
}

/** One byte more than there is room for, to learn whether there is room again (RFC 9293 section 3.8.6.1). */
function isZeroProbe({ segment, sender }: TrackedConnection): boolean {
  return segment.length === 1 && segment.seq === sender.nextSeq && sender.window === 0;
}
