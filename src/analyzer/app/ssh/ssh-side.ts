// One side of an SSH connection in clear: its banner (RFC 4253, section 4.2), and its first key exchange message
// (section 7.1), of which HASSH is a fingerprint (https://github.com/salesforce/hassh). Behind that it only looks out for where
// the side begins to encrypt.

import { createHash } from 'node:crypto';
import { ByteReader, readOrUndefined } from '../byte-reader.js';
import { LineReader } from '../line-reader.js';
import { StreamBytes } from '../stream-bytes.js';
import { latin1 } from '../text.js';
import { SshMessages } from './ssh-messages.js';

const MAX_BANNER_BYTES = 255;
const MAX_PACKET_BYTES = 35_000;
const KEXINIT = 20;
const COOKIE_BYTES = 16;
const NAME_LISTS = 10;

/** Which name lists make the fingerprint: key exchange, encryption, MAC and compression of the side's own direction. */
const CLIENT_LISTS = [0, 2, 4, 6];
const SERVER_LISTS = [0, 3, 5, 7];

export interface Hassh {
  readonly hash: string;
  readonly string: string;
}

export class SshSide {
  /** From the banner; undefined before. */
  protoVersion: string | undefined;
  softwareVersion: string | undefined;
  hassh: Hassh | undefined;
  /** Nothing more is told of it. */
  done = false;
  /** The banner was not the first line. */
  #hasOtherLines = false;
  #isLong = false;
  readonly #lists: readonly number[];
  readonly #lines = new LineReader(MAX_BANNER_BYTES);
  readonly #packet = new StreamBytes();
  /** What follows the first. */
  readonly #messages = new SshMessages(MAX_PACKET_BYTES);

  constructor(isServer: boolean) {
    this.#lists = isServer ? SERVER_LISTS : CLIENT_LISTS;
  }

  /** What comes now is encrypted. */
  get encrypted(): boolean {
    return this.#messages.haveEnded;
  }

  /** Takes bytes; an event's name if they are not what they must be. */
  data(piece: Uint8Array): string | undefined {
    const isBanner = this.protoVersion === undefined;
    const rest = isBanner ? this.#banner(piece) : piece;
    const isOdd = isBanner ? this.#bannerEvent() : undefined;
    if (this.done || this.protoVersion === undefined || rest.length === 0) return isOdd;
    return this.#keyExchange(rest) ?? isOdd;
  }

  /** Takes those that come when it is done. */
  goOn(piece: Uint8Array): void {
    if (this.#isVersion2) this.#messages.data(piece);
  }

  /** So many of those never came. */
  gap(length: number): void {
    this.#messages.gap(length);
  }

  #bannerEvent(): string | undefined {
    if (this.#isLong) return 'long_banner';
    return this.#hasOtherLines ? 'invalid_banner' : undefined;
  }

  /** Lines before the banner are allowed, and passed over. */
  #banner(piece: Uint8Array): Uint8Array {
    return this.#lines.read(piece, (line, endBytes) => {
      this.#isLong ||= endBytes === 0;
      const [, proto, software] = /^SSH-([^-]*)-([^ ]*)/.exec(latin1(line)) ?? [];
      if (proto === undefined) {
        this.#hasOtherLines = true;
        return true;
      }
      this.protoVersion = proto;
      this.softwareVersion = software;
      // Version 1 has no message that the fingerprint could be taken of.
      this.done = !this.#isVersion2;
      return false;
    });
  }

  get #isVersion2(): boolean {
    return this.protoVersion === '2.0' || this.protoVersion === '1.99';
  }

  #keyExchange(piece: Uint8Array): string | undefined {
    const bytes = this.#packet.join(piece);
    const length = bytes.length < 4 ? 0 : new ByteReader(bytes).u32();
    if (length > MAX_PACKET_BYTES) return this.#end('invalid_record');
    if (bytes.length < 6 || bytes.length < 4 + length) {
      this.#packet.keep(bytes);
      return undefined;
    }
    if (bytes[5] === KEXINIT) this.hassh = readOrUndefined(() => this.#fingerprint(bytes.subarray(6, 4 + length)));
    this.#messages.data(bytes.subarray(4 + length));
    return this.#end(length < 2 ? 'invalid_record' : undefined);
  }

  #end(event: string | undefined): string | undefined {
    this.done = true;
    this.#packet.clear();
    return event;
  }

  #fingerprint(body: Uint8Array): Hassh {
    const reader = new ByteReader(body);
    reader.take(COOKIE_BYTES);
    const names = Array.from({ length: NAME_LISTS }, () => latin1(reader.take(reader.u32())));
    const string = this.#lists.map((index) => names[index]).join(';');
    return { hash: createHash('md5').update(string, 'latin1').digest('hex'), string };
  }
}
