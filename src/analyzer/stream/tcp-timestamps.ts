// Timestamps of segments (RFC 7323): they must not go back, and a server must echo its client's. As lenient and as strict as
// Suricata with its own configuration, in which hosts are taken for Windows: clocks may be off by one, and begin with 0.

import { ahead, type TrackedConnection } from './tracked-connection.js';
import { SideBit } from './tracked-side.js';

/** For so long a timestamp holds (RFC 7323 section 5.5). */
const PAWS_SECONDS = 24 * 24 * 60 * 60;

/** Whether the segment may be believed. Takes nothing of it. */
export function areTimestampsValid(connection: TrackedConnection): boolean {
  const { segment, sender } = connection;
  if (!segment.hasTimestamps || !sender.has(SideBit.hasTimestamp)) return true;
  if (sender.has(SideBit.zeroTimestamp) && isNext(connection)) return true;
  return isLater(connection) || isAfterLong(connection) || refuse(connection);
}

/** Takes the timestamp of a segment that is believed, once its bytes have been counted: as with Suricata, of one without any. */
export function keepTimestamp(connection: TrackedConnection): void {
  const { segment, sender } = connection;
  if (!segment.hasTimestamps || !sender.has(SideBit.hasTimestamp)) return;
  const isValid = beginsAtZero(connection) || isLater(connection);
  if (!isValid && !isAfterLong(connection)) return connection.note('pkt_invalid_timestamp');
  if (isNext(connection)) sender.timestamp = segment.timestamp;
  sender.timestampSec = segment.sec;
}

/** Another SYN of the client: until its server is heard, the place for the server's timestamp has that of the last SYN. */
export function keepSynTimestamp({ segment, server }: TrackedConnection): void {
  server.mark(SideBit.hasTimestamp, segment.hasTimestamps);
  server.timestamp = segment.timestamp;
}

/** Whether a server echoes no timestamp but of a SYN. Who sends another may have seen none, and wants to be taken for the server. */
export function isEchoValid(connection: TrackedConnection): boolean {
  const { segment, client, toServer } = connection;
  const { echoed } = segment;
  if (toServer || !segment.hasTimestamps || echoed === 0 || echoed === client.timestamp) return true;
  if (client.has(SideBit.hasTimestamp) && client.timestamp === 0) return true;
  return isOfLaterSyn(connection) || refuse(connection);
}

/** The SYN+ACK tells both sides' timestamps: whether each uses them, and where they begin. */
export function beginTimestamps(connection: TrackedConnection): void {
  const { segment, client, server } = connection;
  if (isOfLaterSyn(connection)) {
    client.timestamp = segment.echoed;
    client.mark(SideBit.hasTimestamp);
  }
  const areUsed = segment.hasTimestamps && client.has(SideBit.hasTimestamp);
  client.mark(SideBit.hasTimestamp, areUsed);
  server.mark(SideBit.hasTimestamp, areUsed);
  server.mark(SideBit.zeroTimestamp, areUsed && segment.timestamp === 0);
  server.timestamp = segment.timestamp;
  server.timestampSec = segment.sec;
}

/** Whether a SYN behind the first had the echoed timestamp, or may have had: of more than two only the first and the last are known. */
function isOfLaterSyn({ segment, client, server }: TrackedConnection): boolean {
  const { echoed } = segment;
  if (!segment.hasTimestamps || echoed === 0 || !server.has(SideBit.hasTimestamp)) return false;
  if (echoed === server.timestamp) return true;
  if (!client.has(SideBit.hasTimestamp)) return false;
  return ahead(client.timestamp, echoed) > 0 && ahead(echoed, server.timestamp) > 0;
}

/** The first of a side that had 0 in the handshake. */
function beginsAtZero(connection: TrackedConnection): boolean {
  const { sender } = connection;
  if (!sender.has(SideBit.zeroTimestamp)) return false;
  sender.mark(SideBit.zeroTimestamp, false);
  return isNext(connection);
}

function isLater({ segment, sender }: TrackedConnection): boolean {
  const { timestamp } = sender;
  if (ahead(timestamp, (segment.timestamp + 1) >>> 0) < 0) return false;
  return timestamp === 0 || segment.sec <= sender.timestampSec + PAWS_SECONDS;
}

/** What the side said last is too old to be held against it. */
function isAfterLong(connection: TrackedConnection): boolean {
  return isNext(connection) && connection.segment.sec > connection.sender.timestampSec + PAWS_SECONDS;
}

/** Without bytes it may lie further on: what came before it was lost. */
function isNext({ segment, sender }: TrackedConnection): boolean {
  const progress = ahead(sender.nextSeq, segment.seq);
  return progress === 0 || (progress > 0 && segment.length === 0);
}

function refuse(connection: TrackedConnection): false {
  return connection.refuse('pkt_invalid_timestamp');
}
