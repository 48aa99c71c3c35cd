// Lets two ends talk through an application layer, of a connection or of datagrams, and keeps what it tells of them.

import { AppLayer, type AppListener, type Transaction } from '../../src/analyzer/app/app-layer.js';
import { DatagramFlow } from './datagram-flow.js';
import { eveOf } from './event-lines.js';

/** What is said, in order: `>` by the client, `<` by the server; a number: so many bytes are lost. */
export type Talk = readonly (readonly ['>' | '<', string | Uint8Array | number])[];

export interface TalkOptions {
  /** 6 (default) or 17. */
  readonly protocol?: number;
  readonly dstPort?: number;
  /** Into how many bytes each message is cut; default: not at all. */
  readonly pieceBytes?: number;
  readonly wantsBodies?: boolean;
  /** Called each time when more of a transaction is known. */
  readonly transaction?: (tx: Transaction) => void;
}

/** What is talked through. */
export interface Talked {
  readonly protocol: string | undefined;
  readonly originalProtocol?: string | undefined;
  readonly done: boolean;
  readonly reversed: boolean;
  data(direction: number, bytes: Uint8Array): void;
  gap(direction: number, length: number): void;
  close(): void;
}

/** What was told. */
export interface Told {
  readonly app: Talked;
  readonly events: Record<string, unknown>[];
  readonly anomalies: string[];
  /** The last state of each transaction that was told of. */
  readonly transactions: Transaction[];
}

/** Talks to the end, and closes. */
export function talk(messages: Talk, options: TalkOptions = {}): Told {
  const told = start(options);
  for (const [who, what] of messages) say(told.app, who === '>' ? 0 : 1, what, options.pieceBytes);
  told.app.close();
  return told;
}

/** An application layer, and what it has told so far. */
export function start({ protocol = 6, dstPort = 80, wantsBodies = false, transaction }: TalkOptions = {}): Told {
  const events: Record<string, unknown>[] = [];
  const anomalies: string[] = [];
  const transactions: Transaction[] = [];
  const listener: AppListener = {
    wantsBodies,
    transaction: (tx) => {
      transactions[tx.id] = tx;
      transaction?.(tx);
    },
    finished: (tx) => events.push(eveOf(tx)),
    anomaly: (app, event) => anomalies.push(`${app} ${event}`),
  };
  const ends = { srcPort: 50_000, dstPort };
  const app = protocol === 17 ? new DatagramFlow(listener, ends) : new AppLayer(listener, ends);
  return { app, events, anomalies, transactions };
}

/** Says one thing; what was handed on is spoilt afterwards, so that a parser that did not copy it is found out. */
export function say(app: Talked, direction: number, what: string | Uint8Array | number, pieceBytes?: number): void {
  if (typeof what === 'number') return app.gap(direction, what);
  const bytes = typeof what === 'string' ? Buffer.from(what, 'latin1') : what;
  const step = pieceBytes ?? bytes.length;
  for (let at = 0; at < bytes.length; at += step) {
    const piece = Uint8Array.from(bytes.subarray(at, at + step));
    app.data(direction, piece);
    piece.fill(0xff);
  }
}

/** A sticky buffer's first value as text. */
export function bufferText(tx: Transaction, name: string, direction: number): string | undefined {
  const [bytes] = tx.buffers(name, direction);
  return bytes && Buffer.from(bytes).toString('latin1');
}
