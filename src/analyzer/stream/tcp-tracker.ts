// Follows connections closely enough to tell what is wrong with their segments: Suricata's stream events. Apart from
// reassembly, which takes what it can get, and from the flow's state, which needs no sequence numbers. A record of 80 bytes
// for each flow; nothing is allocated for a segment.

import type { Layers, PacketView } from '../../index.js';
import type { StreamEventSink } from './stream-events.js';
import { Flags, isBadWindowUpdate, isKeepAlive, isKeepAliveAnswer, isSpurious } from './tcp-checks.js';
import { inEstablished } from './tcp-established.js';
import { afterSyn, afterSynAck, begin } from './tcp-handshake.js';
import { inCloseWait, inClosing, inFinWait1, inFinWait2, inLastAck, inTimeWait } from './tcp-shutdown.js';
import { CONNECTION_WORDS, TrackedConnection, TrackedState } from './tracked-connection.js';

const FIRST_CAPACITY = 1024;

type StateFunction = (connection: TrackedConnection) => boolean;

const STATES: readonly StateFunction[] = [
  begin,
  afterSyn,
  afterSynAck,
  inEstablished,
  inFinWait1,
  inFinWait2,
  inTimeWait,
  inLastAck,
  inCloseWait,
  inClosing,
  inClosed,
];

/** It is over. */
function inClosed(): boolean {
  return false;
}

/** All connections, by their flow's index. */
export class TcpTracker {
  readonly #connection: TrackedConnection;
  #words = new Uint32Array(FIRST_CAPACITY * CONNECTION_WORDS);

  constructor(events: StreamEventSink) {
    this.#connection = new TrackedConnection(events);
  }

  /** Looks at a segment of the flow; nothing is believed of one that was overwritten meanwhile. */
  add(flow: number, toServer: boolean, packet: PacketView, layers: Layers): void {
    const connection = this.#connection;
    connection.segment.fill(packet, layers);
    if (!packet.isIntact()) return;
    this.#moveTo(flow);
    connection.toServer = toServer;
    this.#look();
  }

  /** The flow is over; its index will be another's. */
  end(flow: number): void {
    const at = flow * CONNECTION_WORDS;
    if (at < this.#words.length) this.#words.fill(0, at, at + CONNECTION_WORDS);
  }

  #look(): void {
    const connection = this.#connection;
    const { segment, state } = connection;
    if (!segment.has(Flags.ack) && segment.ack !== 0) connection.note('pkt_broken_ack');
    if (state >= TrackedState.established) {
      if (isKeepAlive(connection) || isKeepAliveAnswer(connection) || isBadWindowUpdate(connection)) return;
    }
    if (state !== TrackedState.none && isSpurious(connection)) connection.note('pkt_spurious_retransmission');
    STATES[state]!(connection);
  }

  #moveTo(flow: number): void {
    const at = flow * CONNECTION_WORDS;
    if (at >= this.#words.length) {
      const words = new Uint32Array(Math.max(2 * this.#words.length, at + CONNECTION_WORDS));
      words.set(this.#words);
      this.#words = words;
    }
    this.#connection.moveTo(this.#words, at);
  }
}
