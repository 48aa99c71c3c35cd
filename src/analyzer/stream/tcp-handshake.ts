// The beginning of a connection, from its first SYN until both sides know of each other (RFC 9293 section 3.5), as
// Suricata follows it. Each function says whether the segment is believed.

import { Flags, isAckValid, isResetValid, isSpurious, keepAck, keepSeq, keepWindow, widen } from './tcp-checks.js';
import { closeByReset, finish } from './tcp-shutdown.js';
import { areTimestampsValid, beginTimestamps, isEchoValid, keepSynTimestamp, keepTimestamp } from './tcp-timestamps.js';
import { ahead, ConnectionBit, type TrackedConnection, TrackedState } from './tracked-connection.js';
import { SideBit } from './tracked-side.js';

/** Suricata's stream.max-syn-queued and max-synack-queued: of so many different ones nobody means them all. */
const MAX_SYNS = 10;
const MAX_SYN_ACKS = 5;

/** The first segment that is seen. Connections that are seen from their middle on are not followed. */
export function begin(connection: TrackedConnection): boolean {
  const { segment } = connection;
  if (segment.has(Flags.rst)) return connection.refuse('rst_but_no_session');
  if (segment.has(Flags.fin)) return !segment.has(Flags.syn) && connection.refuse('fin_but_no_session');
  if ((segment.flags & Flags.synAck) !== Flags.syn) return false;
  connection.clear();
  const { client, server } = connection;
  client.isn = segment.seq;
  client.nextSeq = (segment.seq + 1) >>> 0;
  server.window = segment.window;
  if (segment.scale >= 0) {
    server.scale = segment.scale;
    connection.mark(ConnectionBit.scaled);
  }
  if (segment.hasTimestamps) {
    client.mark(SideBit.hasTimestamp);
    client.mark(SideBit.zeroTimestamp, segment.timestamp === 0);
    client.timestamp = segment.timestamp;
    client.timestampSec = segment.sec;
  }
  connection.state = TrackedState.synSent;
  return true;
}

/** After the client's SYN. */
export function afterSyn(connection: TrackedConnection): boolean {
  const { segment, toServer, client } = connection;
  if (isSpurious(connection) || !isEchoValid(connection)) return false;
  if (segment.has(Flags.rst)) {
    if (toServer && segment.has(Flags.ack) && segment.ack !== 0 && !isAckValid(connection, connection.server)) {
      return connection.refuse('rst_invalid_ack');
    }
    if (toServer && segment.seq !== client.isn) return false;
    connection.state = TrackedState.closed;
    return true;
  }
  if (segment.has(Flags.synAck)) return toServer ? synAckFromClient(connection) : synAck(connection);
  if (segment.has(Flags.syn)) return toServer ? anotherSyn(connection) : synOfServer(connection);
  return false;
}

/** The client answers the SYN of a server that had sent one of its own. */
function synAckFromClient(connection: TrackedConnection): boolean {
  const { segment, client, server } = connection;
  if (!connection.has(ConnectionBit.simultaneous)) return connection.refuse('3whs_synack_in_wrong_direction');
  if (segment.ack !== (server.isn + 1) >>> 0) return connection.refuse('4whs_synack_with_wrong_ack');
  if (segment.seq !== client.isn) return connection.refuse('4whs_synack_with_wrong_syn');
  server.lastAck = segment.ack;
  server.window = segment.window;
  client.lastAck = (client.isn + 1) >>> 0;
  widen(client);
  widen(server);
  connection.state = TrackedState.synRecv;
  return true;
}

function synAck(connection: TrackedConnection): boolean {
  const { segment, client } = connection;
  if (segment.ack !== client.nextSeq) {
    if (connection.repeats === 0 || segment.ack !== (connection.otherSeq + 1) >>> 0) {
      return connection.refuse('3whs_synack_with_wrong_ack');
    }
    client.isn = connection.otherSeq;
    client.nextSeq = segment.ack;
  }
  takeSynAck(connection);
  connection.repeats = 0;
  connection.state = TrackedState.synRecv;
  return true;
}

function takeSynAck(connection: TrackedConnection): void {
  const { segment, client, server } = connection;
  server.isn = segment.seq;
  server.nextSeq = (segment.seq + 1) >>> 0;
  server.lastAck = server.nextSeq;
  client.lastAck = segment.ack;
  client.window = segment.window;
  if (segment.scale >= 0 && connection.has(ConnectionBit.scaled)) client.scale = segment.scale;
  else server.scale = 0;
  beginTimestamps(connection);
  client.nextWin = (client.lastAck + client.window) >>> 0;
  server.nextWin = (server.lastAck + server.window) >>> 0;
}

/** The last of several different SYNs is remembered, beside the first. */
function anotherSyn(connection: TrackedConnection): boolean {
  const { segment, client } = connection;
  if (!connection.has(ConnectionBit.simultaneous)) keepSynTimestamp(connection);
  if (segment.seq === client.isn) return true;
  if (connection.repeats >= MAX_SYNS) return connection.refuse('3whs_syn_flood');
  connection.repeats++;
  connection.otherSeq = segment.seq;
  return true;
}

function synOfServer(connection: TrackedConnection): boolean {
  const { segment, client, server } = connection;
  connection.mark(ConnectionBit.simultaneous);
  server.mark(SideBit.hasTimestamp, false);
  server.isn = segment.seq;
  server.nextSeq = (segment.seq + 1) >>> 0;
  client.window = segment.window;
  if (segment.scale >= 0) client.scale = segment.scale;
  return true;
}

/** After the server's SYN+ACK. */
export function afterSynAck(connection: TrackedConnection): boolean {
  const { segment } = connection;
  if (segment.has(Flags.rst)) return isResetValid(connection) && closeByReset(connection);
  if (segment.has(Flags.fin | Flags.syn)) return connection.refuse('fin_syn');
  if (segment.has(Flags.fin)) return areTimestampsValid(connection) && finish(connection);
  if (segment.has(Flags.synAck)) return anotherSynAck(connection);
  if (segment.has(Flags.syn)) return lateSyn(connection);
  return segment.has(Flags.ack) && lastStep(connection);
}

function anotherSynAck(connection: TrackedConnection): boolean {
  const { segment, client, server, toServer } = connection;
  if (toServer) return connection.refuse('3whs_synack_toserver_on_syn_recv');
  if (segment.ack !== (client.isn + 1) >>> 0) return connection.refuse('3whs_synack_resend_with_different_ack');
  if (segment.seq === server.isn) return true;
  if (connection.repeats >= MAX_SYN_ACKS) return connection.refuse('3whs_synack_flood');
  connection.repeats++;
  connection.otherSeq = segment.seq;
  return true;
}

function lateSyn(connection: TrackedConnection): boolean {
  const { segment, client, toServer } = connection;
  if (!toServer) return connection.refuse('3whs_syn_toclient_on_syn_recv');
  if (segment.seq !== client.isn) return connection.refuse('3whs_syn_resend_diff_seq_on_syn_recv');
  return true;
}

function lastStep(connection: TrackedConnection): boolean {
  const { segment, client, server, toServer } = connection;
  if (isSpurious(connection) || !areTimestampsValid(connection)) return false;
  if (connection.repeats > 0 && segment.ack === (connection.otherSeq + 1) >>> 0) useOtherSynAck(connection);
  if (!toServer) return stepOfServer(connection);
  if (segment.seq === client.nextSeq && segment.ack === server.nextSeq) return establish(connection);
  if (segment.seq === client.nextSeq) {
    connection.mark(ConnectionBit.evasive);
    return connection.refuse('3whs_right_seq_wrong_ack_evasion');
  }
  // What came before it was lost.
  if (
    ahead(client.nextSeq, segment.seq) > 0 &&
    ahead(client.nextWin, segment.seq) <= 0 &&
    segment.ack === server.nextSeq
  ) {
    return establish(connection);
  }
  return connection.refuse('3whs_wrong_seq_wrong_ack');
}

/** The server goes on as if the client's last step had been seen. */
function stepOfServer(connection: TrackedConnection): boolean {
  const { segment, client, server } = connection;
  if (connection.has(ConnectionBit.simultaneous)) {
    if (segment.seq !== server.nextSeq) return connection.refuse('4whs_wrong_seq');
    if (segment.ack !== client.nextSeq) return connection.refuse('4whs_invalid_ack');
    return establish(connection);
  }
  const isNext = segment.seq === server.nextSeq && segment.length > 0 && segment.ack === client.nextSeq;
  if (isNext || connection.has(ConnectionBit.evasive)) return establish(connection);
  return connection.refuse('3whs_wrong_seq_wrong_ack');
}

function useOtherSynAck(connection: TrackedConnection): void {
  const { server, otherSeq } = connection;
  server.isn = otherSeq;
  server.nextSeq = (otherSeq + 1) >>> 0;
  server.lastAck = server.nextSeq;
  server.nextWin = (server.lastAck + server.window) >>> 0;
  connection.repeats = 0;
}

function establish(connection: TrackedConnection): boolean {
  const { sender, receiver } = connection;
  connection.state = TrackedState.established;
  keepTimestamp(connection);
  keepWindow(connection, receiver);
  keepAck(connection, receiver);
  keepSeq(connection, sender);
  receiver.nextWin = (receiver.lastAck + receiver.window) >>> 0;
  return true;
}
