// What the client's side of an HTTP connection says.

import { Direction } from '../app-types.js';
import { requestEvents } from './http-events.js';
import type { FramingHandler } from './http-framing.js';
import { BodyLength, bodyLengthOf } from './http-length.js';
import { readRequestLine } from './http-lines.js';
import type { HttpTransaction } from './http-transaction.js';
import type { HttpTransactions } from './http-transactions.js';

const { toServer } = Direction;

export class RequestHandler implements FramingHandler {
  readonly wantsBody: boolean;
  readonly #transactions: HttpTransactions;
  #tx: HttpTransaction | undefined;

  constructor(transactions: HttpTransactions) {
    this.#transactions = transactions;
    this.wantsBody = transactions.wantsBodies;
  }

  /** A line without a protocol is one of HTTP/0.9, which has no fields; yet what follows it is often one of HTTP/1. */
  startLine(line: string): boolean {
    this.#tx = this.#transactions.begin();
    this.#tx.request = readRequestLine(line);
    this.#transactions.changed(this.#tx, toServer);
    return true;
  }

  field(text: string, start: number, end: number): void {
    if (!this.#tx!.requestHeaders.add(text, start, end))
      this.#transactions.anomaly('request_field_missing_colon', toServer, this.#tx);
  }

  headersEnd(): number {
    const tx = this.#tx!;
    tx.headersComplete[toServer] = true;
    for (const event of requestEvents(tx)) this.#transactions.anomaly(event, toServer, tx);
    const length = bodyLengthOf(tx.requestHeaders);
    if (length === BodyLength.unsaid) return BodyLength.none;
    if (length === BodyLength.invalid) {
      this.#transactions.fail('invalid_content_length_field_in_request', toServer, tx);
      return BodyLength.ignored;
    }
    if (length !== BodyLength.none) this.#transactions.changed(tx, toServer);
    if (length > 0 && this.wantsBody) tx.requestBody.expect(length);
    return length;
  }

  body(bytes: Uint8Array): void {
    const { requestBody: body } = this.#tx!;
    body.add(bytes);
    if (body.isDue(false)) this.#transactions.changed(this.#tx!, toServer);
  }

  bodyWithout(length: number): void {
    this.#tx!.requestBody.length += length;
  }

  end(): void {
    this.#transactions.completed(this.#tx!, toServer);
  }

  problem(event: string | undefined): void {
    this.#transactions.fail(event, toServer, this.#tx);
  }
}
