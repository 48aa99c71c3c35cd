// Conversations as frames, one after the other: TCP connections from their first SYN to their last ACK, with right sequence
// numbers, cut at the maximum segment size; and questions and answers over UDP.

import { TCP, UDP } from '../support/five-tuple.js';
import { makePacket } from '../support/frame.js';

const SEGMENT_BYTES = 1460;
const Flag = { fin: 1, syn: 2, push: 8, ack: 16 };
const NOTHING = Buffer.alloc(0);

/**
 * @typedef {object} Ends
 * @property {number} client IPv4 address
 * @property {number} server IPv4 address
 * @property {number} clientPort
 * @property {number} serverPort
 *
 * @typedef {{ from: 0 | 1, bytes: Uint8Array }} Message from: 0 the client, 1 the server
 */

/** A TCP connection, seen from both ends. */
export class Connection {
  #flows;
  /** @type {[number, number]} what each end sends next */
  #next;

  /** @param {Ends} ends @param {(below: number) => number} random */
  constructor(ends, random) {
    this.#flows = bothWays(ends, TCP);
    this.#next = [random(2 ** 31), random(2 ** 31)];
  }

  /** The three segments that open it. */
  *open() {
    const [client, server] = this.#next;
    yield makePacket(this.#flows[0], { payload: NOTHING, seq: client - 1, ack: 0, flags: Flag.syn });
    yield makePacket(this.#flows[1], { payload: NOTHING, seq: server - 1, ack: client, flags: Flag.syn | Flag.ack });
    yield this.#send(0, NOTHING, Flag.ack);
  }

  /** One segment. @param {0 | 1} from @param {Uint8Array} payload */
  segment(from, payload) {
    return this.#send(from, payload, Flag.push | Flag.ack);
  }

  /** A message in as many segments as it takes; every second one, and the last, is acknowledged. @param {Message} message */
  *message({ from, bytes }) {
    for (let at = 0, count = 1; at < bytes.length; at += SEGMENT_BYTES, count++) {
      yield this.segment(from, bytes.subarray(at, at + SEGMENT_BYTES));
      if (count % 2 === 0 || at + SEGMENT_BYTES >= bytes.length)
        yield this.#send(from === 0 ? 1 : 0, NOTHING, Flag.ack);
    }
  }

  *close() {
    yield this.#send(0, NOTHING, Flag.fin | Flag.ack);
    yield this.#send(1, NOTHING, Flag.fin | Flag.ack);
    yield this.#send(0, NOTHING, Flag.ack);
  }

  /** @param {0 | 1} from @param {Uint8Array} payload @param {number} flags */
  #send(from, payload, flags) {
    const seq = this.#next[from];
    this.#next[from] += payload.length + (flags & Flag.fin);
    return makePacket(this.#flows[from], { payload, seq, ack: this.#next[from === 0 ? 1 : 0], flags });
  }
}

/** A whole connection. @param {Ends} ends @param {Iterable<Message>} messages @param {(below: number) => number} random */
export function* connection(ends, messages, random) {
  const tcp = new Connection(ends, random);
  yield* tcp.open();
  for (const message of messages) yield* tcp.message(message);
  yield* tcp.close();
}

/** Datagrams. @param {Ends} ends @param {Iterable<Message>} messages */
export function* datagrams(ends, messages) {
  for (const { from, bytes } of messages) yield datagram(ends, from, bytes);
}

/** @param {Ends} ends @param {0 | 1} from @param {Uint8Array} bytes */
export function datagram(ends, from, bytes) {
  return makePacket(bothWays(ends, UDP)[from], { payload: bytes });
}

/** From the client, from the server. @param {Ends} ends @param {number} protocol */
function bothWays({ client, server, clientPort, serverPort }, protocol) {
  const there = { source: client, destination: server, sourcePort: clientPort, destinationPort: serverPort, protocol };
  const back = { source: server, destination: client, sourcePort: serverPort, destinationPort: clientPort, protocol };
  return [there, back];
}
