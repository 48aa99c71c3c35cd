// One flow of datagrams, with nothing around it.

import type { AppFlow, AppListener } from '../../src/analyzer/app/app-types.js';
import { ByteRange } from '../../src/analyzer/app/byte-range.js';
import { Datagrams } from '../../src/analyzer/datagrams.js';
import type { Talked } from './app-talk.js';

/** The flow's index: any other than the first, which an index that is forgotten would be. */
const FLOW = 1025;
/** Bytes of others around each datagram: what is read of them shows. */
const AROUND = 16;

export class DatagramFlow implements Talked {
  readonly #ends: AppFlow;
  readonly #datagrams: Datagrams;
  done = false;
  reversed = false;

  constructor(listener: AppListener, ends: AppFlow) {
    this.#ends = ends;
    this.#datagrams = new Datagrams({
      transaction: (_flow, tx, direction) => listener.transaction(tx, direction),
      finished: (_flow, tx, swapped) => {
        this.reversed = swapped;
        listener.finished(tx);
      },
      anomaly: (_flow, { protocol, event, direction }) => listener.anomaly(protocol, event, direction),
    });
  }

  get protocol(): string | undefined {
    return this.#datagrams.protocolOf(FLOW);
  }

  data(direction: number, bytes: Uint8Array): void {
    if (this.done) return;
    const room = new Uint8Array(bytes.length + 2 * AROUND).fill(1);
    room.set(bytes, AROUND);
    const range = new ByteRange().moveTo(room, AROUND, AROUND + bytes.length);
    this.done = this.#datagrams.add(FLOW, this.#ends, direction, range);
  }

  gap(): void {}

  close(): void {}
}
