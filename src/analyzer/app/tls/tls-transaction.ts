// What a TLS connection said in clear: one transaction per connection, filled as its handshake goes on.

import type { EveWriter } from '../../eve/eve-writer.js';
import { type AppProtocol, Direction, type Transaction } from '../app-types.js';
import { bytesOf, eveText } from '../text.js';
import { type CertificateFacts, certificateFacts } from './certificate.js';
import { clientFingerprint, type Fingerprint, ja3, ja3s, ja4, serverFingerprint } from './fingerprints.js';
import type { TlsHello } from './tls-hello.js';
import { hidesCertificates, isTlsVersion, tlsVersionText } from './tls-version.js';

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
  readonly #fromProtocol: AppProtocol | undefined;
  readonly #chains: [readonly Uint8Array[], readonly Uint8Array[]] = [[], []];
  readonly #facts: [CertificateFacts | undefined, CertificateFacts | undefined] = [undefined, undefined];
  #sni: string | undefined;
  #sessionId: Uint8Array | undefined;
  #resumed = false;
  #ja3: Fingerprint | undefined;
  #ja3s: Fingerprint | undefined;
  #ja4: string | undefined;

  constructor(fromProtocol: AppProtocol | undefined) {
    this.#fromProtocol = fromProtocol;
  }

  setClientHello(hello: TlsHello): void {
    this.#clientVersion = hello.supportedVersions.find(isTlsVersion) ?? hello.version;
    this.#randoms[Direction.toServer] = hello.random;
    this.#sni = hello.sni;
    this.#sessionId = hello.sessionId;
    this.#ja3 = ja3(hello);
    this.#ja4 = ja4(hello, 't');
  }

  setServerHello(hello: TlsHello): void {
    this.version = hello.supportedVersions[0] ?? hello.version;
    this.#randoms[Direction.toClient] = hello.random;
    this.#ja3s = ja3s(hello);
    this.#resumed = hello.sessionId.length > 0 && sameBytes(hello.sessionId, this.#sessionId);
  }

  /** The chain that a side sent, its own certificate first. Copies it. */
  setCertificates(direction: number, chain: readonly Uint8Array[]): void {
    if (chain.length === 0) return;
    this.#chains[direction as 0 | 1] = chain.map((der) => der.slice());
    this.#facts[direction as 0 | 1] = certificateFacts(chain[0]!);
  }

  /** Without either hello there is nothing to tell. */
  get isWorthReporting(): boolean {
    return this.#ja3 !== undefined || this.#ja3s !== undefined;
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
        return direction === Direction.toServer ? this.#clientText(name) : serverFingerprint(name, this.#ja3s);
    }
  }

  #clientText(name: string): string | undefined {
    return name === 'tls.sni' ? this.#sni : clientFingerprint(name, this.#ja3, this.#ja4);
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

  writeEve(out: EveWriter): void {
    const [client, server] = this.#facts;
    out.members({
      tls: {
        ...server,
        ...(this.#resumed && server === undefined && !hidesCertificates(this.version) && { session_resumed: true }),
        ...(this.#sni !== undefined && { sni: eveText(this.#sni) }),
        version: tlsVersionText(this.version),
        ...(this.#ja3 && { ja3: this.#ja3 }),
        ...(this.#ja3s && { ja3s: this.#ja3s }),
        ...(this.#ja4 && { ja4: this.#ja4 }),
        ...(this.#fromProtocol && { from_proto: this.#fromProtocol }),
        ...(client && { client }),
      },
    });
  }
}

/** A certificate's time, which is UTC, in seconds since the Unix epoch. */
function secondsOf(time: string): number {
  return Date.parse(`${time}Z`) / 1000;
}

function sameBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(one, other) === 0;
}
