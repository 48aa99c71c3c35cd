// The transactions of a connection that are going on: requests may be sent before earlier ones were answered, and are
// answered in order. Beyond MAX_IN_FLIGHT the connection is given up.

import type { AppListener } from '../app-types.js';
import { HttpTransaction } from './http-transaction.js';

/** libhtp's bound. */
const MAX_IN_FLIGHT = 512;

export class HttpTransactions {
  readonly #listener: AppListener;
  readonly #giveUp: () => void;
  readonly #open: HttpTransaction[] = [];
  #nextId = 0;

  constructor(listener: AppListener, giveUp: () => void) {
    this.#listener = listener;
    this.#giveUp = giveUp;
  }

  get wantsBodies(): boolean {
    return this.#listener.wantsBodies === true;
  }

  /** A new transaction. */
  begin(): HttpTransaction {
    if (this.#open.length >= MAX_IN_FLIGHT) this.#giveUp();
    const tx = new HttpTransaction(this.#nextId++);
    this.#open.push(tx);
    return tx;
  }

  /** The oldest that has no whole response. */
  unanswered(): HttpTransaction | undefined {
    for (let i = 0; i < this.#open.length; i++) if (!this.#open[i]!.complete[1]) return this.#open[i];
    return undefined;
  }

  changed(tx: HttpTransaction, direction: number): void {
    this.#listener.transaction(tx, direction);
    tx.body(direction).setShown();
  }

  /** A direction has all. */
  completed(tx: HttpTransaction, direction: number): void {
    tx.complete[direction] = true;
    this.changed(tx, direction);
    if (tx.complete[0] && tx.complete[1]) this.#finish(tx);
  }

  anomaly(event: string, direction: number, tx?: HttpTransaction): void {
    this.#listener.anomaly('http', event, direction, tx);
  }

  /** Nothing more can be read. */
  fail(event: string | undefined, direction: number, tx?: HttpTransaction): void {
    if (event !== undefined) this.anomaly(event, direction, tx);
    this.#giveUp();
  }

  /** Reports all that is open as it is. */
  close(): void {
    for (let tx = this.#open[0]; tx !== undefined; tx = this.#open[0]) {
      for (const direction of [0, 1]) if (tx.body(direction).isDue(true)) this.changed(tx, direction);
      this.#finish(tx);
    }
  }

  #finish(tx: HttpTransaction): void {
    if (this.#open.length === 1) this.#open.pop();
    else this.#open.splice(this.#open.indexOf(tx), 1);
    this.#listener.finished(tx);
  }
}
