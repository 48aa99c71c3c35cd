// DNS over UDP and TCP (RFC 1035, section 4.2). A message is looked at once it is whole; the most that waits is one
// message of 64 KiB in each direction. Recognised by content on any port; the formats that DNS shares with multicast DNS,
// LLMNR and NetBIOS names belong to those ports, and Suricata does not call them dns either.

import { IpProtocol } from '../../../index.js';
import type { AppFlow, AppListener, AppParser, AppProtocol, AppProtocolEntry } from '../app-types.js';
import { Direction, Verdict } from '../app-types.js';
import { StreamBytes } from '../stream-bytes.js';
import { DNS_HEADER_BYTES, DnsFlag, type DnsMessage, readDnsMessage } from './dns-message.js';
import { DnsTransaction } from './dns-transaction.js';

const DNS_PORT = 53;
const OTHER_PROTOCOLS = [137, 5353, 5355];
const MAX_OPCODE = 6;
/** Internet, Chaos, Hesiod, none and any: what tells DNS from DHCPv6 and NTP, whose first bytes may look like it. */
const CLASSES = [1, 3, 4, 254, 255];

export const DNS: AppProtocolEntry = {
  protocol: 'dns',
  transports: [IpProtocol.tcp, IpProtocol.udp],
  probe,
  create: (listener, flow) => new DnsParser(listener, flow),
};

class DnsParser implements AppParser {
  readonly protocol: AppProtocol = 'dns';
  readonly done = false;
  readonly #listener: AppListener;
  readonly #isStream: boolean;
  readonly #waiting = [new StreamBytes(), new StreamBytes()] as const;
  readonly #lost = [false, false];
  #nextId = 0;

  constructor(listener: AppListener, flow: AppFlow) {
    this.#listener = listener;
    this.#isStream = flow.protocol === IpProtocol.tcp;
  }

  data(direction: number, bytes: Uint8Array): void {
    if (this.#isStream) this.#stream(direction, bytes);
    else this.#message(direction, bytes);
  }

  /** What follows a gap begins anywhere in a message; it is looked at again when a piece begins like one. */
  gap(direction: number): void {
    this.#waiting[direction]!.clear();
    this.#lost[direction] = true;
  }

  close(): void {}

  #stream(direction: number, piece: Uint8Array): void {
    if (this.#lost[direction] && verdictOnStream(piece) === Verdict.no) return;
    this.#lost[direction] = false;
    let rest = this.#waiting[direction]!.join(piece);
    while (rest.length >= 2) {
      const end = 2 + rest[0]! * 256 + rest[1]!;
      if (end === 2 || rest.length < end) break;
      this.#message(direction, rest.subarray(2, end));
      rest = rest.subarray(end);
    }
    this.#waiting[direction]!.keep(rest);
  }

  #message(direction: number, bytes: Uint8Array): void {
    const message = readDnsMessage(bytes);
    if (message === undefined) return this.#anomaly('malformed_data', direction);
    const isResponse = (message.flags & DnsFlag.qr) !== 0;
    if (isResponse && direction === Direction.toServer) return this.#anomaly('not_request', direction);
    this.#report(direction, message);
    if (!isResponse && direction === Direction.toClient) this.#anomaly('not_response', direction);
    if ((message.flags & DnsFlag.z) !== 0) this.#anomaly('z_flag_set', direction);
    if (((message.flags >> 11) & 15) > MAX_OPCODE) this.#anomaly('invalid_opcode', direction);
  }

  /** A request is an event for each of its questions. */
  #report(direction: number, message: DnsMessage): void {
    const id = this.#nextId++;
    const tx = new DnsTransaction(id, direction, message);
    this.#listener.transaction(tx, direction);
    if (direction === Direction.toClient) return this.#listener.finished(tx);
    for (let i = 0; i < message.questions.length; i++) {
      this.#listener.finished(new DnsTransaction(id, direction, message, i));
    }
  }

  #anomaly(event: string, direction: number): void {
    this.#listener.anomaly('dns', event, direction);
  }
}

function probe(direction: number, bytes: Uint8Array, { protocol, srcPort, dstPort }: AppFlow): number {
  const isItsPort = srcPort === DNS_PORT || dstPort === DNS_PORT;
  if (!isItsPort && (OTHER_PROTOCOLS.includes(srcPort) || OTHER_PROTOCOLS.includes(dstPort))) return Verdict.no;
  if (protocol === IpProtocol.tcp) return verdictOnStream(bytes);
  if (!looksLikeDns(bytes, isItsPort)) return Verdict.no;
  const isResponse = (bytes[2]! & 0x80) !== 0;
  return isResponse && direction === Direction.toServer ? Verdict.reversed : Verdict.yes;
}

/** The head of a message behind its length; the whole of it, where it is there. */
function verdictOnStream(bytes: Uint8Array): number {
  if (bytes.length < 2) return Verdict.needsMore;
  const end = 2 + bytes[0]! * 256 + bytes[1]!;
  if (end < 2 + DNS_HEADER_BYTES) return Verdict.no;
  if (bytes.length >= end) return looksLikeDns(bytes.subarray(2, end), false) ? Verdict.yes : Verdict.no;
  if (bytes.length < 2 + DNS_HEADER_BYTES) return Verdict.needsMore;
  if (!hasLikelyHeader(bytes.subarray(2))) return Verdict.no;
  // A message that does not come whole before the probe's end is believed by its header and the question behind it.
  return bytes.length < 64 ? Verdict.needsMore : Verdict.yes;
}

/** On another port than its own a message must be without a flaw, and ask or answer something. */
function looksLikeDns(bytes: Uint8Array, isItsPort: boolean): boolean {
  if (!isItsPort && !hasLikelyHeader(bytes)) return false;
  const message = readDnsMessage(bytes);
  if (message === undefined) return false;
  return (
    isItsPort || message.questions.every(({ name, class: of }) => CLASSES.includes(of) && /^[\x21-\x7e]*$/.test(name))
  );
}

/** One question, few records, an opcode that exists, no reserved bit. */
function hasLikelyHeader(bytes: Uint8Array): boolean {
  if (bytes.length < DNS_HEADER_BYTES) return false;
  const count = (at: number) => bytes[at]! * 256 + bytes[at + 1]!;
  const opcode = (bytes[2]! >> 3) & 15;
  if (opcode > MAX_OPCODE || (bytes[3]! & 0x40) !== 0 || count(4) !== 1) return false;
  return count(6) < 256 && count(8) < 256 && count(10) < 256;
}
