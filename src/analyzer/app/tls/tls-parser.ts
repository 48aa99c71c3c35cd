// TLS and SSL 3 over TCP: follows a connection until both sides encrypt, then looks at nothing more. The hellos of SSL 2
// are passed over, as they were once sent to begin connections of later versions.

import type { AppFlow, AppListener, AppParser, AppProtocol, AppProtocolEntry } from '../app-types.js';
import { Direction, Verdict } from '../app-types.js';
import { ByteReader, readOrUndefined } from '../byte-reader.js';
import { readClientHello, readServerHello } from './tls-hello.js';
import { RecordType, TlsRecords } from './tls-records.js';
import { SslState, TlsTransaction } from './tls-transaction.js';
import { hidesCertificates } from './tls-version.js';

const MessageType = {
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  serverKeyExchange: 12,
  clientKeyExchange: 16,
} as const;

const STATES: Readonly<Record<number, number>> = {
  [MessageType.clientHello]: SslState.clientHello,
  [MessageType.serverHello]: SslState.serverHello,
  [MessageType.serverKeyExchange]: SslState.serverKeyExchange,
  [MessageType.clientKeyExchange]: SslState.clientKeyExchange,
};
const MAX_CERTIFICATES = 32;

export const TLS: AppProtocolEntry = {
  protocol: 'tls',
  probe,
  create: (listener, flow) => new TlsParser(listener, flow),
};

class TlsParser implements AppParser {
  readonly protocol: AppProtocol = 'tls';
  readonly #listener: AppListener;
  readonly #tx: TlsTransaction;
  readonly #sides: readonly [TlsRecords, TlsRecords];
  readonly #ssl2 = [new Ssl2Hello(), new Ssl2Hello()] as const;
  #reported = false;
  #broken = false;

  constructor(listener: AppListener, flow: AppFlow) {
    this.#listener = listener;
    this.#tx = new TlsTransaction(flow.fromProtocol);
    this.#sides = [this.#side(Direction.toServer), this.#side(Direction.toClient)];
  }

  get done(): boolean {
    return this.#reported || this.#broken;
  }

  data(direction: number, bytes: Uint8Array): void {
    if (this.done) return;
    const rest = this.#ssl2[direction]!.skip(bytes);
    if (rest.length > 0) this.#sides[direction]!.data(rest);
    if (this.#tx.complete[0] && this.#tx.complete[1]) this.#report();
  }

  gap(direction: number, length: number): void {
    this.#sides[direction]!.gap(length);
  }

  close(): void {
    this.#report();
  }

  #side(direction: number): TlsRecords {
    return new TlsRecords({
      record: (type, version) => this.#record(direction, type, version),
      message: (type, body) => this.#message(direction, type, body),
      problem: (event) => {
        this.#broken = true;
        this.#listener.anomaly('tls', event, direction, this.#tx);
      },
    });
  }

  /** From here on a side is encrypted. What a client sends early, before the server's hello, does not end the handshake. */
  #record(direction: number, type: number, version: number): void {
    if (type === RecordType.alert && direction === Direction.toClient) {
      this.#tx.version ||= version;
      this.#listener.transaction(this.#tx, direction);
    }
    const isEncrypted = type === RecordType.changeCipherSpec || type === RecordType.applicationData;
    if (!isEncrypted || (type === RecordType.applicationData && this.#tx.version === 0)) return;
    if (type === RecordType.applicationData) this.#tx.complete.fill(true);
    else this.#tx.complete[direction] = true;
    this.#listener.transaction(this.#tx, direction);
  }

  #message(direction: number, type: number, body: Uint8Array): void {
    this.#tx.states[direction as 0 | 1] = STATES[type] ?? 0;
    if (type === MessageType.certificate) this.#tx.setCertificates(direction, readCertificates(body));
    else if (type === MessageType.clientHello || type === MessageType.serverHello) this.#hello(direction, type, body);
    else if (STATES[type] === undefined) return;
    this.#listener.transaction(this.#tx, direction);
  }

  #hello(direction: number, type: number, body: Uint8Array): void {
    const isClient = type === MessageType.clientHello;
    const hello = isClient ? readClientHello(body) : readServerHello(body);
    if (hello === undefined) return this.#listener.anomaly('tls', 'invalid_handshake_message', direction, this.#tx);
    if (hello.problem !== undefined) this.#listener.anomaly('tls', hello.problem, direction, this.#tx);
    if (isClient) this.#tx.setClientHello(hello);
    else this.#tx.setServerHello(hello);
    if (hidesCertificates(this.#tx.version)) this.#tx.complete[direction] = true;
  }

  #report(): void {
    if (this.#reported) return;
    this.#reported = true;
    if (this.#tx.isWorthReporting) this.#listener.finished(this.#tx);
  }
}

/** The certificates of a message before TLS 1.3 (RFC 5246, section 7.4.2), as many as are whole. */
function readCertificates(body: Uint8Array): Uint8Array[] {
  const chain: Uint8Array[] = [];
  readOrUndefined(() => {
    const reader = new ByteReader(body);
    const list = reader.part(reader.u24());
    while (list.left > 0 && chain.length < MAX_CERTIFICATES) chain.push(list.take(list.u24()));
  });
  return chain;
}

/** Passes over one hello in the form of SSL 2 (RFC 5246, appendix E.2) at the beginning of a direction. */
class Ssl2Hello {
  #decided = false;
  #left = 0;

  skip(bytes: Uint8Array): Uint8Array {
    if (!this.#decided) {
      this.#decided = true;
      if (isSsl2ClientHello(bytes)) this.#left = 2 + (bytes[0]! & 0x7f) * 256 + bytes[1]!;
    }
    const skipped = Math.min(this.#left, bytes.length);
    this.#left -= skipped;
    return bytes.subarray(skipped);
  }
}

function probe(direction: number, bytes: Uint8Array): number {
  const isClient = direction === Direction.toServer;
  if (isClient && isSsl2ClientHello(bytes)) return Verdict.yes;
  const hello = isClient ? MessageType.clientHello : MessageType.serverHello;
  const likely = [RecordType.handshake, 3, undefined, undefined, undefined, hello, 0];
  for (const [i, byte] of likely.entries()) {
    if (i >= bytes.length) return Verdict.needsMore;
    if (byte !== undefined && bytes[i] !== byte) return Verdict.no;
  }
  return bytes[2]! <= 4 ? Verdict.yes : Verdict.no;
}

/** A client's hello, of version 2 or 3.x, with lists as long as the record has room for. */
function isSsl2ClientHello(bytes: Uint8Array): boolean {
  if (bytes.length < 11 || (bytes[0]! & 0x80) === 0 || bytes[2] !== MessageType.clientHello) return false;
  const length = (bytes[0]! & 0x7f) * 256 + bytes[1]!;
  const isKnown = (bytes[3] === 0 && bytes[4] === 2) || (bytes[3] === 3 && bytes[4]! <= 3);
  const lists = [5, 7, 9].map((at) => bytes[at]! * 256 + bytes[at + 1]!);
  return isKnown && length === 9 + lists[0]! + lists[1]! + lists[2]!;
}
