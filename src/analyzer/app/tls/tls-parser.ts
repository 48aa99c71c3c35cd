// TLS and SSL 3 over TCP: tells a connection once both sides encrypt, and follows it up to the first record of application
// data. The hellos of SSL 2 are passed over, as they were once sent to begin connections of later versions.

import type { AppFlow, AppListener, AppParser, AppProtocol, AppProtocolEntry } from '../app-types.js';
import { Direction, Verdict } from '../app-types.js';
import { ByteReader, readOrUndefined } from '../byte-reader.js';
import { isSsl2ClientHello } from './ssl2-hello.js';
import { Heartbeats } from './tls-heartbeats.js';
import { readClientHello, readServerHello } from './tls-hello.js';
import { type RecordListener, RecordType, TlsRecords } from './tls-records.js';
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

class TlsParser implements AppParser, RecordListener {
  readonly protocol: AppProtocol = 'tls';
  readonly #listener: AppListener;
  readonly #tx: TlsTransaction;
  readonly #client = new TlsRecords(Direction.toServer, this);
  readonly #server = new TlsRecords(Direction.toClient, this);
  #reported = false;
  #broken = false;
  #hasApplicationData = false;
  #encrypts = false;
  #heartbeats: Heartbeats | undefined;

  constructor(listener: AppListener, flow: AppFlow) {
    this.#listener = listener;
    this.#tx = new TlsTransaction(flow.fromProtocol, listener.wantsBodies === true);
  }

  get done(): boolean {
    return this.#broken || (this.#reported && this.#hasApplicationData);
  }

  get isOver(): boolean {
    return this.#reported;
  }

  get encrypted(): boolean {
    return this.#tx.complete[0]! && this.#tx.complete[1]! && !this.#broken;
  }

  /** As Suricata has it: what ends the handshake is encrypted, and still looked at. */
  get hidden(): boolean {
    return this.#hasApplicationData;
  }

  data(direction: number, bytes: Uint8Array): void {
    if (this.#hasApplicationData || this.#broken) return;
    this.#side(direction).data(bytes);
    if (this.#tx.complete[0] && this.#tx.complete[1]) this.#report();
  }

  gap(direction: number, length: number): void {
    this.#side(direction).gap(length);
  }

  close(): void {
    this.#report();
  }

  /** From here on a side is encrypted. What a client sends early, before the server's hello, does not end the handshake. */
  record(direction: number, type: number, version: number): void {
    this.#hasApplicationData ||= type === RecordType.applicationData && this.#tx.version !== 0;
    this.#encrypts ||= type === RecordType.changeCipherSpec || type === RecordType.applicationData;
    if (this.#reported) return;
    if (type === RecordType.alert && direction === Direction.toClient) {
      this.#tx.version ||= version;
      this.#listener.transaction(this.#tx, direction);
    }
    if (this.#hasApplicationData) this.#tx.complete.fill(true);
    else if (type === RecordType.changeCipherSpec) this.#tx.complete[direction] = true;
    else return;
    this.#listener.transaction(this.#tx, direction);
  }

  message(direction: number, type: number, body: Uint8Array): void {
    if (this.#reported) return;
    this.#tx.states[direction as 0 | 1] = STATES[type] ?? 0;
    if (type === MessageType.certificate) this.#tx.setCertificates(direction, readCertificates(body));
    else if (type === MessageType.clientHello || type === MessageType.serverHello) this.#hello(direction, type, body);
    else if (STATES[type] === undefined) return;
    this.#listener.transaction(this.#tx, direction);
  }

  problem(direction: number, event: string): void {
    this.#broken = true;
    if (!this.#reported) this.#listener.anomaly('tls', event, direction, this.#tx);
  }

  heartbeat(direction: number, length: number, head: Uint8Array): void {
    this.#heartbeats ??= new Heartbeats();
    const event = this.#heartbeats.add({ direction, length, head, isEncrypted: this.#encrypts });
    if (event !== undefined) this.#listener.anomaly('tls', event, direction, this.#tx);
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

  #side(direction: number): TlsRecords {
    return direction === Direction.toServer ? this.#client : this.#server;
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

function probe(direction: number, bytes: Uint8Array): number {
  const isClient = direction === Direction.toServer;
  if (isClient && isSsl2ClientHello(bytes)) return Verdict.yes;
  const hello = isClient ? MessageType.clientHello : MessageType.serverHello;
  if (bytes[0] !== RecordType.handshake) return Verdict.no;
  for (let i = 1; i < LIKELY.length; i++) {
    if (i >= bytes.length) return Verdict.needsMore;
    const byte = i === MESSAGE_TYPE ? hello : LIKELY[i];
    if (byte !== undefined && bytes[i] !== byte) return Verdict.no;
  }
  return bytes[2]! <= 4 ? Verdict.yes : Verdict.no;
}

/** A record of version 3.x, and in it a hello, where its type stands; which is no longer than 64 KiB. */
const LIKELY = [RecordType.handshake, 3, undefined, undefined, undefined, undefined, 0];
const MESSAGE_TYPE = 5;
