// HTTP/1.x over TCP (RFC 9112): requests and responses are framed each on their own, and meet in transactions, in order.
// Suricata's parser, libhtp, is lenient: so is this one, and where it gives up, it says so as an anomaly.

import type { AppListener, AppParser, AppProtocol, AppProtocolEntry } from '../app-types.js';
import { Direction } from '../app-types.js';
import { HttpFraming } from './http-framing.js';
import { probeHttp } from './http-probe.js';
import { RequestHandler } from './http-request.js';
import { ResponseHandler } from './http-response.js';
import type { HttpTransaction } from './http-transaction.js';
import { HttpTransactions } from './http-transactions.js';

export const HTTP: AppProtocolEntry = {
  protocol: 'http',
  probe: probeHttp,
  create: (listener) => new HttpParser(listener),
};

class HttpParser implements AppParser {
  readonly protocol: AppProtocol = 'http';
  readonly #transactions: HttpTransactions;
  readonly #sides: readonly [HttpFraming, HttpFraming];
  readonly #wantsBodies: boolean;
  #done = false;
  upgraded = false;

  constructor(listener: AppListener) {
    this.#transactions = new HttpTransactions(listener, () => this.#stop());
    this.#wantsBodies = this.#transactions.wantsBodies;
    const requests = new RequestHandler(this.#transactions);
    const responses = new ResponseHandler(this.#transactions, (tx) => this.#switch(tx));
    this.#sides = [
      new HttpFraming(requests, { tooLong: 'request_field_too_long', badChunk: 'invalid_request_chunk_len' }),
      new HttpFraming(responses, { tooLong: 'response_field_too_long', badChunk: 'invalid_response_chunk_len' }),
    ];
  }

  get done(): boolean {
    return this.#done;
  }

  data(direction: number, bytes: Uint8Array): void {
    if (!this.#done) this.#sides[direction]!.data(bytes);
  }

  /** Bodies that nobody wants to look into are counted. */
  unread(direction: number): number {
    return this.#wantsBodies ? 0 : this.#sides[direction]!.unread;
  }

  gap(direction: number, length: number): void {
    if (!this.#done) this.#sides[direction]!.gap(length);
  }

  close(): void {
    for (const side of this.#sides) side.close();
    this.#transactions.close();
  }

  /** From here on the connection is a tunnel: for another protocol, which may be known, or for one that is not HTTP. */
  #switch(tx: HttpTransaction): void {
    this.upgraded = tx.request?.method === 'CONNECT';
    this.#stop();
  }

  #stop(): void {
    this.#done = true;
    this.#sides[Direction.toServer].stop();
    this.#sides[Direction.toClient].stop();
  }
}
