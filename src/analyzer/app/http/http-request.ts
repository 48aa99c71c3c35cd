// What the client's side of an HTTP connection says.

import { Direction } from '../app-types.js';
import { latin1 } from '../text.js';
import { requestEvents } from './http-events.js';
import type { BodyKind, FramingHandler } from './http-framing.js';
import { bodyKindOf } from './http-length.js';
import type { HttpTransaction } from './http-transaction.js';
import type { HttpTransactions } from './http-transactions.js';

const { toServer } = Direction;

export class RequestHandler implements FramingHandler {
  readonly #transactions: HttpTransactions;
  #tx: HttpTransaction | undefined;

  constructor(transactions: HttpTransactions) {
    this.#transactions = transactions;
  }

  /** A line without a protocol is one of HTTP/0.9, which has no fields; yet what follows it is often one of HTTP/1. */
  startLine(bytes: Uint8Array): boolean {
    const line = latin1(bytes);
    const [, method = '', uri = '', protocol = ''] = /^\s*(\S*)\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
    this.#tx = this.#transactions.begin();
    this.#tx.request = { line, method, uri, protocol };
    this.#transactions.changed(this.#tx, toServer);
    return true;
  }

  field(line: Uint8Array): void {
    if (!this.#tx!.requestHeaders.add(line))
      this.#transactions.anomaly('request_field_missing_colon', toServer, this.#tx);
  }

  headersEnd(): BodyKind {
    const tx = this.#tx!;
    tx.headersComplete[toServer] = true;
    for (const event of requestEvents(tx)) this.#transactions.anomaly(event, toServer, tx);
    const kind = bodyKindOf(tx.requestHeaders);
    if (kind === 'invalid') {
      this.#transactions.fail('invalid_content_length_field_in_request', toServer, tx);
      return { kind: 'ignored' };
    }
    if (kind !== undefined && kind.kind !== 'none') this.#transactions.changed(tx, toServer);
    return kind ?? { kind: 'none' };
  }

  body(bytes: Uint8Array): void {
    const { requestBody: body } = this.#tx!;
    body.add(bytes, this.#transactions.wantsBodies);
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
