// One DNS message as a transaction: like Suricata 7, a question and its answer are two. What is said of it in EVE JSON is
// version 2 of Suricata's dns records, answers both in detail and grouped.

import { type AppProtocol, Direction, type Transaction } from '../app-types.js';
import { bytesOf, eveText } from '../text.js';
import { dnsReplyText, dnsTypeText } from './dns-codes.js';
import { type DnsData, DnsFlag, type DnsMessage, type DnsQuestion, type DnsRecord } from './dns-message.js';

type EveObject = Record<string, unknown>;

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

  eve(forAlert = false): EveObject {
    const isRequest = this.#direction === Direction.toServer;
    if (!forAlert) return { dns: isRequest ? { version: 2, ...this.#query(this.#question) } : answerOf(this.#message) };
    if (!isRequest) return { dns: { version: 2, answer: answerOf(this.#message) } };
    return { dns: { version: 2, query: this.#message.questions.map((_, i) => this.#query(i)) } };
  }

  #query(index: number): EveObject {
    const { id, flags, questions } = this.#message;
    return {
      type: 'query',
      id,
      ...nameOf(questions[index]),
      tx_id: this.id,
      ...((flags & DnsFlag.z) !== 0 && { z: true }),
      opcode: opcodeOf(this.#message),
    };
  }
}

function opcodeOf({ flags }: DnsMessage): number {
  return (flags >> 11) & 15;
}

function nameOf(question: DnsQuestion | undefined): EveObject {
  return question === undefined ? {} : { rrname: eveText(question.name), rrtype: dnsTypeText(question.type) };
}

function answerOf(message: DnsMessage): EveObject {
  const { id, flags, questions, answers, authorities } = message;
  return {
    version: 2,
    type: 'answer',
    id,
    flags: flags.toString(16),
    ...flagsOf(flags),
    opcode: opcodeOf(message),
    ...nameOf(questions[0]),
    rcode: dnsReplyText(flags & 15),
    ...(answers.length > 0 && { answers: answers.map(recordOf), grouped: groupedOf(answers) }),
    ...(authorities.length > 0 && { authorities: authorities.map(recordOf) }),
  };
}

const SHOWN_FLAGS = Object.entries(DnsFlag);

function flagsOf(flags: number): EveObject {
  const set: EveObject = {};
  for (const [name, bit] of SHOWN_FLAGS) if ((flags & bit) !== 0) set[name] = true;
  return set;
}

function recordOf({ name, type, ttl, data }: DnsRecord): EveObject {
  return { rrname: eveText(name), rrtype: dnsTypeText(type), ttl, ...dataOf(type, data) };
}

function dataOf(type: number, data: DnsData): EveObject {
  if (data === undefined) return {};
  return { [typeof data === 'string' ? 'rdata' : dnsTypeText(type).toLowerCase()]: shown(data) };
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
