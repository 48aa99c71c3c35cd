// One DNS message as a transaction: like Suricata 7, a question and its answer are two. What is said of it in EVE JSON is
// version 2 of Suricata's dns records, answers both in detail and grouped.

import type { EveWriter } from '../../eve/eve-writer.js';
import { type AppProtocol, Direction, type Transaction } from '../app-types.js';
import { bytesOf, eveText } from '../text.js';
import { dnsReplyText, dnsTypeText } from './dns-codes.js';
import { DnsFlag, type DnsMessage } from './dns-message.js';
import { type DnsData, type DnsRecord, type DnsMessage as DnsValues, readDnsMessage } from './dns-values.js';

type EveObject = Record<string, unknown>;

/** Of the form of dns records. */
const VERSION = 2;

/** Of one message at a time: valid during the call that it is handed to. */
export class DnsTransaction implements Transaction {
  readonly protocol: AppProtocol = 'dns';
  id = 0;
  notes?: object[];
  readonly #of: DnsMessage;
  #direction = 0;
  #question = 0;

  constructor(message: DnsMessage) {
    this.#of = message;
  }

  /** The message is another one. */
  begin(id: number, direction: number): this {
    this.id = id;
    this.#direction = direction;
    this.#question = 0;
    if (this.notes !== undefined) this.notes.length = 0;
    return this;
  }

  /** Which of a request's questions the event is about. */
  about(question: number): this {
    this.#question = question;
    return this;
  }

  isComplete(): boolean {
    return true;
  }

  buffers(name: string, direction: number): readonly Uint8Array[] {
    if (direction !== Direction.toServer || direction !== this.#direction || name !== 'dns.query') return [];
    return this.#message.questions.map((question) => bytesOf(question.name));
  }

  number(name: string): number | undefined {
    if (name === 'dns.opcode') return this.#of.opcode;
    if (name === 'dns.rrtype') return this.#of.questions > 0 ? this.#of.type(0) : undefined;
    return name === 'dns.rcode' && this.#direction === Direction.toClient ? this.#of.flags & 15 : undefined;
  }

  get #message(): DnsValues {
    return readDnsMessage(this.#of.bytes.subarray(this.#of.start, this.#of.end))!;
  }

  writeEve(out: EveWriter, forAlert: boolean): void {
    out.members(this.#eve(forAlert));
  }

  #eve(forAlert: boolean): EveObject {
    const isRequest = this.#direction === Direction.toServer;
    if (!forAlert) return { dns: isRequest ? this.#query(this.#question, VERSION) : answerOf(this.#message) };
    if (!isRequest) return { dns: { version: VERSION, answer: answerOf(this.#message) } };
    return { dns: { version: VERSION, query: this.#message.questions.map((_, i) => this.#query(i)) } };
  }

  /** The fields are the same for all: JSON leaves out what is undefined. In alerts the version stands outside of the questions. */
  #query(index: number, version?: number): EveObject {
    const { id, flags, questions } = this.#message;
    const question = questions[index];
    return {
      version,
      type: 'query',
      id,
      rrname: question && eveText(question.name),
      rrtype: question && dnsTypeText(question.type),
      tx_id: this.id,
      z: isSet(flags, DnsFlag.z),
      opcode: opcodeOf(this.#message),
    };
  }
}

function opcodeOf({ flags }: DnsValues): number {
  return (flags >> 11) & 15;
}

function isSet(flags: number, bit: number): true | undefined {
  return (flags & bit) !== 0 ? true : undefined;
}

function answerOf(message: DnsValues): EveObject {
  const { id, flags, questions, answers, authorities } = message;
  const [question] = questions;
  return {
    version: VERSION,
    type: 'answer',
    id,
    flags: flags.toString(16),
    qr: isSet(flags, DnsFlag.qr),
    aa: isSet(flags, DnsFlag.aa),
    tc: isSet(flags, DnsFlag.tc),
    rd: isSet(flags, DnsFlag.rd),
    ra: isSet(flags, DnsFlag.ra),
    z: isSet(flags, DnsFlag.z),
    opcode: opcodeOf(message),
    rrname: question && eveText(question.name),
    rrtype: question && dnsTypeText(question.type),
    rcode: dnsReplyText(flags & 15),
    answers: answers.length > 0 ? answers.map(recordOf) : undefined,
    grouped: answers.length > 0 ? groupedOf(answers) : undefined,
    authorities: authorities.length > 0 ? authorities.map(recordOf) : undefined,
  };
}

function recordOf({ name, type, ttl, data }: DnsRecord): EveObject {
  const rrname = eveText(name);
  const rrtype = dnsTypeText(type);
  if (typeof data === 'string') return { rrname, rrtype, ttl, rdata: eveText(data) };
  return data === undefined ? { rrname, rrtype, ttl } : { rrname, rrtype, ttl, [rrtype.toLowerCase()]: shown(data) };
}

function shown(data: Exclude<DnsData, undefined>): unknown {
  if (typeof data === 'string') return eveText(data);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, asText(value)]));
}

function asText(value: string | number): string | number {
  return typeof value === 'string' ? eveText(value) : value;
}

function groupedOf(answers: readonly DnsRecord[]): Record<string, unknown[]> {
  const groups: Record<string, unknown[]> = {};
  for (const { type, data } of answers) {
    if (data === undefined) continue;
    const group = dnsTypeText(type);
    groups[group] ??= [];
    groups[group].push(shown(data));
  }
  return groups;
}
