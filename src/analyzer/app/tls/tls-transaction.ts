// What a TLS connection said in clear: one transaction per connection, filled as its handshake goes on.

import type { EveWriter } from '../../eve/eve-writer.js';
import { type AppProtocol, Direction, type Transaction } from '../app-types.js';
import { bytesOf, latin1 } from '../text.js';
import { type CertificateFacts, certificateFacts } from './certificate.js';
import {
  type ClientFingerprints,
  clientFingerprint,
  clientFingerprints,
  type Fingerprint,
  ja3s,
  serverFingerprint,
} from './fingerprints.js';
import { writeTls } from './tls-eve.js';
import type { TlsHello } from './tls-hello.js';
import { hidesCertificates, isTlsVersion } from './tls-version.js';

/** A random begins with the time, or so it was meant (RFC 5246, section 7.4.1.2). */
const TIME_BYTES = 4;

/** Messages that `ssl_state` knows, as bits. */
export const SslState = { clientHello: 1, serverHello: 2, clientKeyExchange: 4, serverKeyExchange: 8 } as const;

export class TlsTransaction implements Transaction {
  readonly protocol: AppProtocol = 'tls';
  readonly id = 0;
  /** Whether a direction's handshake is over, as far as it can be read. */
  readonly complete = [false, false];
  /** What the server chose; the version of its first record, if it refused; 0 before. */
  version = 0;
  /** What each side said last, as rules ask for it: a bit of {@link SslState}; 0 before. */
  readonly states: [number, number] = [0, 0];
  /** What the client offers first; 0 before. */
  #clientVersion = 0;
  readonly #randoms: [Uint8Array | undefined, Uint8Array | undefined] = [undefined, undefined];
  /** The protocol that asked for TLS: STARTTLS, or HTTP's CONNECT. */
  readonly fromProtocol: AppProtocol | undefined;
  /** Whether rules look into it: randoms and chains are kept only then. */
  readonly #isKept: boolean;
  readonly #chains: [readonly Uint8Array[], readonly Uint8Array[]] = [[], []];
  readonly #facts: [CertificateFacts | undefined, CertificateFacts | undefined] = [undefined, undefined];
  sni: string | undefined;
  #sessionId = '';
  #resumed = false;
  fingerprints: ClientFingerprints | undefined;
  ja3s: Fingerprint | undefined;

  /** `isKept`: rules look into it. */
  constructor(fromProtocol: AppProtocol | undefined, isKept: boolean) {
    this.fromProtocol = fromProtocol;
    this.#isKept = isKept;
  }

  setClientHello(hello: TlsHello): void {
    this.#clientVersion = hello.supportedVersions.find(isTlsVersion) ?? hello.version;
    if (this.#isKept) this.#randoms[Direction.toServer] = hello.random.slice();
    this.sni = hello.sni;
    this.#sessionId = latin1(hello.sessionId);
    this.fingerprints = clientFingerprints(hello, 't');
  }

  setServerHello(hello: TlsHello): void {
    this.version = hello.supportedVersions[0] ?? hello.version;
    if (this.#isKept) this.#randoms[Direction.toClient] = hello.random.slice();
    this.ja3s = ja3s(hello);
    this.#resumed = hello.sessionId.length > 0 && latin1(hello.sessionId) === this.#sessionId;
  }

  /** The chain that a side sent, its own certificate first. */
  setCertificates(direction: number, chain: readonly Uint8Array[]): void {
    if (chain.length === 0) return;
    if (this.#isKept) this.#chains[direction as 0 | 1] = chain.map((der) => der.slice());
    this.#facts[direction as 0 | 1] = certificateFacts(chain[0]!);
  }

  /** Without either hello there is nothing to tell. */
  get isWorthReporting(): boolean {
    return this.fingerprints !== undefined || this.ja3s !== undefined;
  }

  isComplete(direction: number): boolean {
    return this.complete[direction]!;
  }

  buffers(name: string, direction: number): readonly Uint8Array[] {
    if (name === 'tls.certs') return this.#chains[direction as 0 | 1];
    if (name.startsWith('tls.random')) return this.#random(name, direction);
    const text = this.#text(name, direction);
    return text === undefined ? [] : [bytesOf(text)];
  }

  #random(name: string, direction: number): readonly Uint8Array[] {
    const random = this.#randoms[direction as 0 | 1];
    if (random === undefined) return [];
    if (name === 'tls.random_time') return [random.subarray(0, TIME_BYTES)];
    return [name === 'tls.random_bytes' ? random.subarray(TIME_BYTES) : random];
  }

  #text(name: string, direction: number): string | undefined {
    const facts = this.#facts[direction as 0 | 1];
    switch (name) {
      case 'tls.cert_subject':
        return facts && Buffer.from(facts.subject).toString('latin1');
      case 'tls.cert_issuer':
        return facts && Buffer.from(facts.issuerdn).toString('latin1');
      case 'tls.cert_serial':
        return facts?.serial;
      case 'tls.cert_fingerprint':
        return facts?.fingerprint;
      default:
        return direction === Direction.toServer ? this.#clientText(name) : serverFingerprint(name, this.ja3s);
    }
  }

  #clientText(name: string): string | undefined {
    return name === 'tls.sni' ? this.sni : clientFingerprint(name, this.fingerprints);
  }

  /** `tls.version`: to the server what the client offers first, to the client what the server chose. */
  number(name: string, direction: number): number | undefined {
    if (name === 'tls.version')
      return (direction === Direction.toServer ? this.#clientVersion : this.version) || undefined;
    if (name === 'ssl_state') return this.states[direction as 0 | 1] || undefined;
    return direction === Direction.toClient ? this.#certificateNumber(name) : undefined;
  }

  #certificateNumber(name: string): number | undefined {
    const facts = this.#facts[Direction.toClient];
    if (name === 'tls.cert_chain_len') return this.#chains[Direction.toClient].length;
    if (name === 'tls.cert_notbefore') return facts && secondsOf(facts.notbefore);
    return name === 'tls.cert_notafter' ? facts && secondsOf(facts.notafter) : undefined;
  }

  /** What a side's own certificate says. */
  certificate(direction: number): CertificateFacts | undefined {
    return this.#facts[direction as 0 | 1];
  }

  /** The server went on with a session that it knows, and showed no certificate for it. */
  get isResumed(): boolean {
    return this.#resumed && this.certificate(Direction.toClient) === undefined && !hidesCertificates(this.version);
  }

  writeEve(out: EveWriter): void {
    writeTls(out, this);
  }
}

/** A certificate's time, which is UTC, in seconds since the Unix epoch. */
function secondsOf(time: string): number {
  return Date.parse(`${time}Z`) / 1000;
}
