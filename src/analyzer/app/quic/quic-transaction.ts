// What one packet of a QUIC handshake says. As in Suricata, each is a transaction of its own: those that bring only a part
// of a hello say no more than the version, and the one that completes it says all.

import type { EveWriter } from '../../eve/eve-writer.js';
import type { AppProtocol, Transaction } from '../app-types.js';
import { Direction } from '../app-types.js';
import { bytesOf, utf8Text } from '../text.js';
import {
  type ClientFingerprints,
  clientFingerprint,
  clientFingerprints,
  type Fingerprint,
  ja3s,
  serverFingerprint,
} from '../tls/fingerprints.js';
import type { TlsHello } from '../tls/tls-hello.js';
import { cyu, type GoogleHello, GoogleTag } from './google-hello.js';
import { extensionsOf } from './quic-extensions.js';
import { quicVersionText } from './quic-version.js';

export class QuicTransaction implements Transaction {
  readonly protocol: AppProtocol = 'quic';
  readonly id: number;
  readonly sentBy: number;
  readonly #version: number;
  readonly #cyu: Fingerprint[] = [];
  #sni: string | undefined;
  #userAgent: string | undefined;
  #hello: TlsHello | undefined;
  #client: ClientFingerprints | undefined;
  #ja3s: Fingerprint | undefined;

  constructor(id: number, sentBy: number, version: number) {
    this.id = id;
    this.sentBy = sentBy;
    this.#version = version;
  }

  /** The hello of the side that sends. */
  setHello(hello: TlsHello): void {
    const isClient = this.sentBy === Direction.toServer;
    this.#hello = hello;
    this.#sni = hello.sni;
    if (isClient) this.#client = clientFingerprints(hello, 'q');
    else this.#ja3s = ja3s(hello);
  }

  /** A hello of Google's QUIC; of several in one packet, the last one's names count. */
  addGoogleHello(tags: GoogleHello): void {
    this.#sni = tags.get(GoogleTag.serverName) ?? this.#sni;
    this.#userAgent = tags.get(GoogleTag.userAgent) ?? this.#userAgent;
    const fingerprint = cyu(this.#version, tags);
    if (fingerprint !== undefined) this.#cyu.push(fingerprint);
  }

  isComplete(): boolean {
    return true;
  }

  buffers(name: string, direction: number): readonly Uint8Array[] {
    if (direction !== this.sentBy) return [];
    if (name === 'quic.version') return [versionBytes(this.#version)];
    if (name === 'quic.cyu.hash') return this.#cyu.map(({ hash }) => bytesOf(hash));
    if (name === 'quic.cyu.string') return this.#cyu.map(({ string }) => bytesOf(string));
    const text = direction === Direction.toServer ? this.#clientText(name) : serverFingerprint(name, this.#ja3s);
    return text === undefined ? [] : [bytesOf(text)];
  }

  #clientText(name: string): string | undefined {
    switch (name) {
      case 'quic.sni':
        return this.#sni;
      case 'quic.ua':
        return this.#userAgent;
      default:
        return clientFingerprint(name, this.#client);
    }
  }

  number(): undefined {
    return undefined;
  }

  writeEve(out: EveWriter): void {
    out.members({
      quic: {
        version: quicVersionText(this.#version),
        ...(this.#sni !== undefined && { sni: utf8Text(this.#sni) }),
        ...(this.#userAgent !== undefined && { ua: utf8Text(this.#userAgent) }),
        ...(this.#cyu.length > 0 && { cyu: this.#cyu }),
        ...(this.#client && { ja3: this.#client.ja3 }),
        ...(this.#ja3s && { ja3s: this.#ja3s }),
        ...(this.#client && { ja4: this.#client.ja4 }),
        ...(this.#hello && this.#hello.extensions.length > 0 && { extensions: extensionsOf(this.#hello) }),
      },
    });
  }
}

function versionBytes(version: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(version);
  return bytes;
}
