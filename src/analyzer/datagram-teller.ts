// What parsers of datagrams tell goes on to who listens for all flows: one object that is pointed at the flow whose
// datagram is being parsed, so that a flow needs none of its own.

import type { AppListener, AppProtocol, Transaction } from './app/app-types.js';
import { Direction } from './app/app-types.js';
import type { PayloadListener } from './flow-payload.js';

/** Valid for the flow that it was pointed at last. */
export class DatagramTeller implements AppListener {
  readonly #listener: PayloadListener;
  #flow = 0;
  #isReversed = false;

  constructor(listener: PayloadListener) {
    this.#listener = listener;
  }

  /** Points it at a flow. `isReversed`: its first packet came from the server. */
  at(flow: number, isReversed: boolean): this {
    this.#flow = flow;
    this.#isReversed = isReversed;
    return this;
  }

  transaction(tx: Transaction, direction: number): void {
    this.#listener.transaction(this.#flow, tx, direction);
  }

  finished(tx: Transaction): void {
    const byServer = tx.sentBy === Direction.toClient;
    this.#listener.finished(this.#flow, tx, byServer !== this.#isReversed);
  }

  anomaly(protocol: AppProtocol | 'failed', event: string, direction: number, tx?: Transaction): void {
    this.#listener.anomaly(this.#flow, { protocol, event, direction, layer: 'proto_parser', txId: tx?.id });
  }
}
