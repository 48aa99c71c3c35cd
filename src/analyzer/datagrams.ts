// The application layers of all flows of datagrams. Most such flows are a question and its answer, or nothing that anybody
// knows, and objects for each of them were most of what they cost: so a flow is a word here, and gets a parser of its own
// only where the protocol needs one. A datagram is recognised by its content, whatever the port; a flow in which the first
// MAX_DATAGRAMS were not is `failed`, and nobody looks at it any more.

import type { AppFlow, AppProtocol, DatagramParser } from './app/app-types.js';
import { Verdict } from './app/app-types.js';
import type { ByteRange } from './app/byte-range.js';
import { isDhcp } from './app/dhcp/dhcp-message.js';
import { DhcpParser } from './app/dhcp/dhcp-parser.js';
import { verdictOnDatagram } from './app/dns/dns-probe.js';
import { DNS_MESSAGE, readAndTellDns, tellDns } from './app/dns/dns-teller.js';
import { QuicParser } from './app/quic/quic-parser.js';
import { isQuic } from './app/quic/quic-probe.js';
import { DatagramTeller } from './datagram-teller.js';
import type { PayloadListener } from './flow-payload.js';

/** Datagrams of a flow that are looked at, each on its own, to recognise its protocol. */
const MAX_DATAGRAMS = 4;

/** What a flow is, in the lowest bits of its word. In reversed DNS the first packet came from the server. */
const Kind = { unknown: 0, failed: 1, dns: 2, reversedDns: 3, dhcp: 4, quic: 5 } as const;
/** Above them: datagrams that were not recognised, or messages of DNS. Beyond 2^29 these begin anew. */
const KIND_BITS = 3;
const ONE = 1 << KIND_BITS;
const KIND = ONE - 1;

const PROTOCOLS: readonly (AppProtocol | 'failed' | undefined)[] = [undefined, 'failed', 'dns', 'dns', 'dhcp', 'quic'];

const FIRST_FLOWS = 1024;

/** One for all flows, by their index. */
export class Datagrams {
  readonly #teller: DatagramTeller;
  readonly #parsers = new Map<number, DatagramParser>();
  #words = new Uint32Array(FIRST_FLOWS);

  constructor(listener: PayloadListener) {
    this.#teller = new DatagramTeller(listener);
  }

  /** `failed`: none of its datagrams was recognised so far; undefined: none had a payload, or not a flow of datagrams. */
  protocolOf(flow: number): AppProtocol | 'failed' | undefined {
    const word = this.#words[flow] ?? 0;
    return word >= ONE && (word & KIND) === Kind.unknown ? 'failed' : PROTOCOLS[word & KIND];
  }

  /** A payload of the flow at this index. True: nobody will look at what comes. */
  add(index: number, flow: AppFlow, direction: number, datagram: ByteRange): boolean {
    if (index >= this.#words.length) this.#grow(index);
    switch (this.#words[index]! & KIND) {
      case Kind.unknown:
        return this.#recognise(index, flow, direction, datagram);
      case Kind.dns:
      case Kind.reversedDns:
        return this.#addDns(index, direction, datagram);
      default:
        return this.#parse(index, direction, datagram);
    }
  }

  /** The flow ends: its index will be another's. */
  end(index: number): void {
    const word = this.#words[index] ?? Kind.unknown;
    if (word === Kind.unknown) return;
    this.#words[index] = Kind.unknown;
    if ((word & KIND) >= Kind.dhcp) this.#parsers.delete(index);
  }

  #recognise(index: number, flow: AppFlow, direction: number, datagram: ByteRange): boolean {
    if (isDhcp(datagram)) return this.#begin(index, Kind.dhcp, direction, datagram);
    if (isQuic(datagram)) return this.#begin(index, Kind.quic, direction, datagram);
    const verdict = verdictOnDatagram(direction, datagram, flow, DNS_MESSAGE);
    if (verdict >= Verdict.yes) return this.#beginDns(index, direction, verdict === Verdict.reversed);
    this.#words[index]! += ONE;
    const isOver = this.#words[index]! >= MAX_DATAGRAMS * ONE;
    if (isOver) this.#words[index] = Kind.failed;
    return isOver;
  }

  #begin(index: number, kind: number, direction: number, datagram: ByteRange): boolean {
    this.#words[index] = kind;
    this.#parsers.set(index, kind === Kind.quic ? new QuicParser(this.#teller) : new DhcpParser(this.#teller));
    return this.#parse(index, direction, datagram);
  }

  #parse(index: number, direction: number, datagram: ByteRange): boolean {
    const parser = this.#parsers.get(index);
    this.#teller.at(index, false);
    parser?.data(direction, datagram);
    return parser?.done === true;
  }

  #beginDns(index: number, direction: number, isReversed: boolean): boolean {
    this.#words[index] = isReversed ? Kind.reversedDns : Kind.dns;
    const own = isReversed ? 1 - direction : direction;
    if (tellDns(this.#teller.at(index, isReversed), own, 0)) this.#words[index]! += ONE;
    return false;
  }

  #addDns(index: number, direction: number, datagram: ByteRange): boolean {
    const word = this.#words[index]!;
    const isReversed = (word & KIND) === Kind.reversedDns;
    const own = isReversed ? 1 - direction : direction;
    const teller = this.#teller.at(index, isReversed);
    if (readAndTellDns(teller, own, datagram, word >>> KIND_BITS)) this.#words[index]! += ONE;
    return false;
  }

  #grow(index: number): void {
    const grown = new Uint32Array(Math.max(index + 1, 2 * this.#words.length));
    grown.set(this.#words);
    this.#words = grown;
  }
}
