// One DNS message as a transaction: like Suricata 7, a question and its answer are two.

import type { EveWriter } from '../../eve/eve-writer.js';
import { type AppProtocol, Direction, type Transaction, type TransactionMemory } from '../app-types.js';
import { writeAlertAnswer, writeAlertQuery, writeAnswer, writeQuery } from './dns-eve.js';
import type { DnsMessage } from './dns-message.js';
import { forgetName } from './dns-name-text.js';
import { DnsQueries } from './dns-queries.js';

const NO_BUFFERS: readonly Uint8Array[] = [];

/** Of one message after the other: valid during the call that it is handed to. */
export class DnsTransaction implements Transaction {
  readonly protocol: AppProtocol = 'dns';
  id = 0;
  notes?: TransactionMemory[];
  readonly #message: DnsMessage;
  readonly #queries: DnsQueries;
  #direction = 0;
  #question = 0;

  constructor(message: DnsMessage) {
    this.#message = message;
    this.#queries = new DnsQueries(message);
  }

  /** The message is another one. */
  begin(id: number, direction: number): this {
    this.id = id;
    this.#direction = direction;
    this.#question = 0;
    this.#queries.forget();
    forgetName();
    this.notes?.[direction]?.forget();
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
    if (direction !== Direction.toServer || direction !== this.#direction || name !== 'dns.query') return NO_BUFFERS;
    return this.#queries.names;
  }

  number(name: string): number | undefined {
    if (name === 'dns.opcode') return this.#message.opcode;
    if (name === 'dns.rrtype') return this.#message.questions > 0 ? this.#message.type(0) : undefined;
    return name === 'dns.rcode' && this.#direction === Direction.toClient ? this.#message.flags & 15 : undefined;
  }

  writeEve(out: EveWriter, forAlert: boolean): void {
    const isRequest = this.#direction === Direction.toServer;
    if (forAlert && isRequest) writeAlertQuery(out, this.#message, this.id);
    else if (forAlert) writeAlertAnswer(out, this.#message);
    else if (isRequest) writeQuery(out, this.#message, this.#question, this.id);
    else writeAnswer(out, this.#message);
  }
}
