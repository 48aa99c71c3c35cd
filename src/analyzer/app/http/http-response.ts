// What the server's side of an HTTP connection says, and to which request.

import { Direction } from '../app-types.js';
import { responseEvents } from './http-events.js';
import type { FramingHandler } from './http-framing.js';
import { BodyLength, bodyLengthOf } from './http-length.js';
import { readStatusLine } from './http-lines.js';
import type { HttpTransaction } from './http-transaction.js';
import type { HttpTransactions } from './http-transactions.js';

const { toClient, toServer } = Direction;

export class ResponseHandler implements FramingHandler {
  readonly wantsBody: boolean;
  readonly #transactions: HttpTransactions;
  readonly #switched: (tx: HttpTransaction) => void;
  #tx: HttpTransaction | undefined;
  /** The last one that the client was told to go on with. */
  #continued: HttpTransaction | undefined;

  /** `switched`: what follows the response is no HTTP. */
  constructor(transactions: HttpTransactions, switched: (tx: HttpTransaction) => void) {
    this.#transactions = transactions;
    this.wantsBody = transactions.wantsBodies;
    this.#switched = switched;
  }

  /** What does not begin with a status line is a body of HTTP/0.9. */
  startLine(line: string): boolean {
    const tx = this.#match();
    this.#tx = tx;
    const status = readStatusLine(line);
    if (status === undefined) {
      tx.headersComplete[toClient] = true;
      return false;
    }
    tx.response = status;
    this.#transactions.changed(tx, toClient);
    return true;
  }

  field(text: string, start: number, end: number): void {
    if (!this.#tx!.responseHeaders.add(text, start, end))
      this.#transactions.anomaly('response_field_missing_colon', toClient, this.#tx);
  }

  headersEnd(): number {
    const tx = this.#tx!;
    tx.headersComplete[toClient] = true;
    for (const event of responseEvents(tx)) this.#transactions.anomaly(event, toClient, tx);
    const code = Number(tx.response!.code);
    if (isSwitch(tx, code)) {
      this.#finishSwitch(tx);
      return BodyLength.ignored;
    }
    if (tx.request?.method === 'HEAD' || code < 200 || code === 204 || code === 304) return BodyLength.none;
    const length = bodyLengthOf(tx.responseHeaders);
    if (length === BodyLength.invalid) {
      this.#transactions.fail('invalid_content_length_field_in_response', toClient, tx);
      return BodyLength.ignored;
    }
    this.#transactions.changed(tx, toClient);
    if (length > 0 && this.wantsBody) tx.responseBody.expect(length);
    return length === BodyLength.unsaid ? BodyLength.untilClose : length;
  }

  body(bytes: Uint8Array): void {
    const { responseBody: body } = this.#tx!;
    body.add(bytes);
    if (body.isDue(false)) this.#transactions.changed(this.#tx!, toClient);
  }

  bodyWithout(length: number): void {
    this.#tx!.responseBody.length += length;
  }

  /** 100 says only that the client may go on: the response is still to come. */
  end(): void {
    const tx = this.#tx!;
    if (tx.response?.code !== '100') return this.#transactions.completed(tx, toClient);
    if (this.#continued === tx) this.#transactions.anomaly('100_continue_already_seen', toClient, tx);
    this.#continued = tx;
    tx.awaitResponse();
  }

  problem(event: string | undefined): void {
    this.#transactions.fail(event, toClient, this.#tx);
  }

  #match(): HttpTransaction {
    const tx = this.#transactions.unanswered();
    if (tx !== undefined) return tx;
    const unasked = this.#transactions.begin();
    unasked.complete[toServer] = true;
    this.#transactions.anomaly('unable_to_match_response_to_request', toClient, unasked);
    return unasked;
  }

  #finishSwitch(tx: HttpTransaction): void {
    if (!tx.complete[toServer]) this.#transactions.completed(tx, toServer);
    this.#transactions.completed(tx, toClient);
    this.#switched(tx);
  }
}

/** The answer to CONNECT, and 101: after them the connection belongs to something else. */
function isSwitch(tx: HttpTransaction, code: number): boolean {
  return code === 101 || (tx.request?.method === 'CONNECT' && code >= 200 && code < 300);
}
