// What is told of a DNS message, whichever way it came: a transaction, an event for each question or one for an answer, and
// what is wrong with it. The message and its transaction are the same objects for all flows: nobody keeps them, and
// DNS over UDP needs nothing else, so that a question and its answer leave nothing for the garbage collector.

import { type AppListener, Direction } from '../app-types.js';
import type { ByteRange } from '../byte-range.js';
import { DnsFlag, DnsMessage } from './dns-message.js';
import { DnsTransaction } from './dns-transaction.js';

/** The highest opcode that there is (RFC 8490). */
const MAX_OPCODE = 6;

/** The message that is being looked at. */
export const DNS_MESSAGE = new DnsMessage();
const tx = new DnsTransaction(DNS_MESSAGE);

/** Reads a message, and tells of it. Whether it took this `id`, a transaction's. */
export function readAndTellDns(listener: AppListener, direction: number, range: ByteRange, id: number): boolean {
  if (DNS_MESSAGE.read(range)) return tellDns(listener, direction, id);
  listener.anomaly('dns', 'malformed_data', direction);
  return false;
}

/** The same of DNS_MESSAGE, which was read. */
export function tellDns(listener: AppListener, direction: number, id: number): boolean {
  const { isResponse, flags, opcode } = DNS_MESSAGE;
  if (isResponse && direction === Direction.toServer) {
    listener.anomaly('dns', 'not_request', direction);
    return false;
  }
  report(listener, direction, id);
  if (!isResponse && direction === Direction.toClient) listener.anomaly('dns', 'not_response', direction);
  if ((flags & DnsFlag.z) !== 0) listener.anomaly('dns', 'z_flag_set', direction);
  if (opcode > MAX_OPCODE) listener.anomaly('dns', 'invalid_opcode', direction);
  return true;
}

/** A request is an event for each of its questions; an answer is one if it says what was asked, as in Suricata. */
function report(listener: AppListener, direction: number, id: number): void {
  const { questions } = DNS_MESSAGE;
  const events = direction === Direction.toClient ? Math.min(questions, 1) : questions;
  listener.transaction(tx.begin(id, direction), direction);
  for (let i = 0; i < events; i++) listener.finished(tx.about(i));
}
