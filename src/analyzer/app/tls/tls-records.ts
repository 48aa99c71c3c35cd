// One direction of a TLS connection, taken apart: records (RFC 8446, section 5.1), and the handshake messages in them
// until they are encrypted. Only a record's header and the handshake message that is not whole yet wait in memory.

import { StreamBytes } from '../stream-bytes.js';

export const RecordType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
  heartbeat: 24,
} as const;

const HEADER_BYTES = 5;
const MAX_RECORD_BYTES = 16_384 + 2048;
/** A chain of certificates is the longest message. */
const MAX_MESSAGE_BYTES = 131_072;

/** Who is told. `problem` is the last call: nothing more can be made of the bytes. */
export interface RecordListener {
  /** A record begins. */
  record(type: number, version: number): void;
  /** A whole handshake message in clear, without its header; valid during the call. */
  message(type: number, body: Uint8Array): void;
  problem(event: string): void;
}

export class TlsRecords {
  readonly #listener: RecordListener;
  readonly #header = new StreamBytes();
  readonly #messages = new StreamBytes();
  #type = 0;
  #left = 0;
  #encrypted = false;
  #broken = false;

  constructor(listener: RecordListener) {
    this.#listener = listener;
  }

  data(piece: Uint8Array): void {
    let rest = piece;
    while (rest.length > 0 && !this.#broken) {
      if (this.#left === 0) rest = this.#begin(rest);
      else if (this.#isUnread && rest.length <= this.#left) return this.#pass(rest.length);
      const part = rest.subarray(0, this.#left);
      this.#left -= part.length;
      rest = rest.subarray(part.length);
      if (!this.#isUnread) this.#handshake(part);
    }
  }

  /** Nobody reads the record that goes on. */
  get #isUnread(): boolean {
    return this.#type !== RecordType.handshake || this.#encrypted;
  }

  #pass(length: number): void {
    this.#left -= length;
  }

  /** Bytes that were lost end the handshake, but when they lie within a record that nobody reads. */
  gap(length: number): void {
    if (!this.#isUnread || length > this.#left) this.#broken = true;
    else this.#pass(length);
  }

  /** Reads a header; what is behind it. */
  #begin(piece: Uint8Array): Uint8Array {
    const waiting = this.#header.length;
    const bytes = this.#header.join(piece);
    if (bytes.length < HEADER_BYTES) {
      this.#header.keep(bytes);
      return piece.subarray(piece.length);
    }
    const version = bytes[1]! * 256 + bytes[2]!;
    this.#type = bytes[0]!;
    this.#left = bytes[3]! * 256 + bytes[4]!;
    this.#header.clear();
    this.#check(version);
    return piece.subarray(HEADER_BYTES - waiting);
  }

  #check(version: number): void {
    if (this.#type < RecordType.changeCipherSpec || this.#type > RecordType.heartbeat)
      this.#fail('invalid_record_type');
    else if (version >> 8 !== 3) this.#fail('invalid_record_version');
    else if (this.#left > MAX_RECORD_BYTES) this.#fail('invalid_tls_header');
    else {
      if (this.#type === RecordType.changeCipherSpec || this.#type === RecordType.applicationData)
        this.#encrypted = true;
      this.#listener.record(this.#type, version);
    }
  }

  #handshake(part: Uint8Array): void {
    let bytes = this.#messages.join(part);
    while (bytes.length >= 4 && !this.#broken) {
      const length = bytes[1]! * 65_536 + bytes[2]! * 256 + bytes[3]!;
      if (length > MAX_MESSAGE_BYTES) this.#fail('handshake_invalid_length');
      if (bytes.length < 4 + length) break;
      this.#listener.message(bytes[0]!, bytes.subarray(4, 4 + length));
      bytes = bytes.subarray(4 + length);
    }
    this.#messages.keep(bytes);
  }

  #fail(event: string): void {
    this.#broken = true;
    this.#messages.clear();
    this.#listener.problem(event);
  }
}
