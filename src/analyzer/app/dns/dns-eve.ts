// A DNS message in EVE JSON: version 2 of Suricata's dns records. Written from the message's own bytes; names become text,
// with Suricata's escapes, on their way.

import type { EveWriter } from '../../eve/eve-writer.js';
import { TX_ID } from '../../eve/flow-head.js';
import { Fragment } from '../../eve/fragment.js';
import { dnsReplyText } from './dns-codes.js';
import { flagsMember } from './dns-flags-eve.js';
import { DnsFlag, type DnsMessage } from './dns-message.js';
import { writeName } from './dns-name-text.js';
import { writeRecords } from './dns-records-eve.js';
import { writeQuestionType } from './dns-type-eve.js';

const QUERY_EVENT = new Fragment('"dns":{"version":2,"type":"query","id":');
const ANSWER_EVENT = new Fragment('"dns":{"version":2,"type":"answer","id":');
const QUERIES = new Fragment('"dns":{"version":2,"query":[');
const ANSWER = new Fragment('"dns":{"version":2,"answer":{"version":2,"type":"answer","id":');
const QUERY = new Fragment('{"type":"query","id":');
const RRNAME = new Fragment(',"rrname":');
const SET_Z = new Fragment(',"z":true');
const OPCODE = new Fragment(',"opcode":');

/** The event of one of a request's questions. `id`: the transaction's. */
export function writeQuery(out: EveWriter, message: DnsMessage, question: number, id: number): void {
  out.put(QUERY_EVENT);
  writeQuestion(out, message, question, id);
}

/** The event of a response. */
export function writeAnswer(out: EveWriter, message: DnsMessage): void {
  out.put(ANSWER_EVENT);
  writeResponse(out, message);
}

/** What an alert shows of a request: all of its questions. There, the version stands outside of them. */
export function writeAlertQuery(out: EveWriter, message: DnsMessage, id: number): void {
  out.put(QUERIES);
  for (let i = 0; i < message.questions; i++) {
    out.put(QUERY);
    writeQuestion(out, message, i, id);
  }
  out.closeArray();
  out.closeObject();
  out.comma();
}

/** What an alert shows of a response. */
export function writeAlertAnswer(out: EveWriter, message: DnsMessage): void {
  out.put(ANSWER);
  writeResponse(out, message);
  out.closeObject();
  out.comma();
}

/** The rest of an object, from the message's number on. */
function writeQuestion(out: EveWriter, message: DnsMessage, question: number, id: number): void {
  out.number(message.id);
  writeAsked(out, message, question);
  out.put(TX_ID);
  out.number(id);
  if ((message.flags & DnsFlag.z) !== 0) out.put(SET_Z);
  out.put(OPCODE);
  out.number(message.opcode);
  out.closeObject();
  out.comma();
}

function writeResponse(out: EveWriter, message: DnsMessage): void {
  out.number(message.id);
  out.put(flagsMember(message.flags));
  if (message.questions > 0) writeAsked(out, message, 0);
  else out.comma();
  out.put(REPLIES[message.flags & 15]!);
  writeRecords(out, message);
  out.closeObject();
  out.comma();
}

function writeAsked(out: EveWriter, message: DnsMessage, question: number): void {
  out.put(RRNAME);
  writeName(out, message, message.nameAt(question));
  writeQuestionType(out, message.type(question));
}

const REPLIES = Array.from({ length: 16 }, (_, code) => new Fragment(`"rcode":"${dnsReplyText(code)}",`));
