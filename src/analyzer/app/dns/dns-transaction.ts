// One DNS message as a transaction: like Suricata 7, a question and its answer are two. What is said of it in EVE JSON is
// version 2 of Suricata's dns records, answers both in detail and grouped.

import type { EveWriter } from '../../eve/eve-writer.js';
import { type AppProtocol, Direction, type Transaction } from '../app-types.js';
import { bytesOf, eveText } from '../text.js';
import { dnsReplyText, dnsTypeText } from './dns-codes.js';
import { type DnsData, DnsFlag, type DnsMessage, type DnsRecord } from './dns-message.js';

type EveObject = Record<string, unknown>;

/** Of the form of dns records. */
const VERSION = 2;

export class DnsTransaction implements Transaction {
  readonly protocol: AppProtocol = 'dns';
  readonly id: number;
  readonly #message: DnsMessage;
  readonly #direction: number;
  readonly #question: number;

  /** `question`: which of a request's questions the event is about. */
  constructor(id: number, direction: number, message: DnsMessage, question = 0) {
    this.id = id;
    this.#direction = direction;
    this.#message = message;
    this.#question = question;
  }

  isComplete(): boolean {
    return true;
  }

  buffers(name: string, direction: number): readonly Uint8Array[] {
    if (direction !== Direction.toServer || direction !== this.#direction || name !== 'dns.query') return [];
    return this.#message.questions.map((question) => bytesOf(question.name));
  }

  number(name: string): number | undefined {
    if (name === 'dns.opcode') return opcodeOf(this.#message);
    if (name === 'dns.rrtype') return this.#message.questions[0]?.type;
    return name === 'dns.rcode' && this.#direction === Direction.toClient ? this.#message.flags & 15 : undefined;
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

function opcodeOf({ flags }: DnsMessage): number {
  return (flags >> 11) & 15;
}

function isSet(flags: number, bit: number): true | undefined {
  return (flags & bit) !== 0 ? true : undefined;
}

function answerOf(message: DnsMessage): EveObject {
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
