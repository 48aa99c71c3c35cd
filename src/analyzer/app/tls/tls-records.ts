// One direction of a TLS connection, taken apart: records (RFC 8446, section 5.1), and the handshake messages in them
// until they are encrypted. Only a record's header and the handshake message that is not whole yet wait in memory.

import { StreamBytes } from '../stream-bytes.js';
import { ssl2HelloBytes } from './ssl2-hello.js';
import { HEARTBEAT_HEAD_BYTES } from './tls-heartbeats.js';

export const RecordType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
  heartbeat: 24,
} as const;

/** What is none of them: nothing yet, or a hello of SSL 2. */
const NO_RECORD = 0;
const HEADER_BYTES = 5;
const MAX_RECORD_BYTES = 16_384 + 2048;
/** A chain of certificates is the longest message. */
const MAX_MESSAGE_BYTES = 131_072;

/** Who is told. `problem` is the last call: nothing more can be made of the bytes. */
export interface RecordListener {
  /** A record begins. */
  record(direction: number, type: number, version: number): void;
  /** A whole handshake message in clear, without its header; valid during the call. */
  message(direction: number, type: number, body: Uint8Array): void;
  problem(direction: number, event: string): void;
  /** A heartbeat of so many bytes, which begin with these, or it has less; valid during the call. */
  heartbeat(direction: number, length: number, head: Uint8Array): void;
}

export class TlsRecords {
  readonly #listener: RecordListener;
  readonly #direction: number;
  /** Of a header or a message that came in pieces. */
  #header: StreamBytes | undefined;
  #messages: StreamBytes | undefined;
  #type: number = NO_RECORD;
  #left = 0;
  /** Of a heartbeat, until its head has come. */
  #beat: StreamBytes | undefined;
  #beatBytes = 0;
  #begun = false;
  #encrypted = false;
  #broken = false;

  constructor(direction: number, listener: RecordListener) {
    this.#direction = direction;
    this.#listener = listener;
  }

  data(piece: Uint8Array): void {
    if (!this.#begun) this.#left = ssl2HelloBytes(piece);
    this.#begun = true;
    for (let at = 0; at < piece.length && !this.#broken; ) {
      if (this.#left === 0) at = this.#begin(piece, at);
      else at = this.#goOn(piece, at);
    }
  }

  /** Bytes that were lost end the handshake, but when they lie within a record that nobody reads. */
  gap(length: number): void {
    if (this.#type === NO_RECORD || !this.#isUnread || length > this.#left) this.#broken = true;
    else this.#left -= length;
  }

  /** Nobody reads the record that goes on. */
  get #isUnread(): boolean {
    return this.#type !== RecordType.handshake || this.#encrypted;
  }

  /** Takes what there is of the record; where it ends. */
  #goOn(piece: Uint8Array, at: number): number {
    const end = Math.min(piece.length, at + this.#left);
    this.#left -= end - at;
    if (!this.#isUnread) this.#handshake(piece.subarray(at, end));
    else if (this.#beat !== undefined) this.#heartbeat(piece.subarray(at, end), this.#beat);
    return end;
  }

  #heartbeat(part: Uint8Array, beat: StreamBytes): void {
    const head = beat.join(part);
    if (head.length < HEARTBEAT_HEAD_BYTES && this.#left > 0) return beat.keep(head);
    this.#beat = undefined;
    this.#listener.heartbeat(this.#direction, this.#beatBytes, head);
  }

  /** Reads a header; where the record's bytes begin. */
  #begin(piece: Uint8Array, at: number): number {
    const waiting = this.#header?.length ?? 0;
    if (waiting === 0 && piece.length - at >= HEADER_BYTES) {
      this.#take(piece, at);
      return at + HEADER_BYTES;
    }
    this.#header ??= new StreamBytes();
    const bytes = this.#header.join(piece.subarray(at));
    if (bytes.length < HEADER_BYTES) {
      this.#header.keep(bytes);
      return piece.length;
    }
    this.#take(bytes, 0);
    this.#header.clear();
    return at + HEADER_BYTES - waiting;
  }

  #take(bytes: Uint8Array, at: number): void {
    const version = bytes[at + 1]! * 256 + bytes[at + 2]!;
    this.#type = bytes[at]!;
    this.#left = bytes[at + 3]! * 256 + bytes[at + 4]!;
    if (this.#type < RecordType.changeCipherSpec || this.#type > RecordType.heartbeat)
      this.#fail('invalid_record_type');
    else if (version >> 8 !== 3) this.#fail('invalid_record_version');
    else if (this.#left > MAX_RECORD_BYTES) this.#fail('invalid_tls_header');
    else {
      if (this.#type === RecordType.changeCipherSpec || this.#type === RecordType.applicationData)
        this.#encrypted = true;
      this.#beat = this.#type === RecordType.heartbeat ? new StreamBytes() : undefined;
      this.#beatBytes = this.#left;
      this.#listener.record(this.#direction, this.#type, version);
    }
  }

  #handshake(part: Uint8Array): void {
    const bytes = this.#messages?.join(part) ?? part;
    let at = 0;
    while (bytes.length - at >= 4 && !this.#broken) {
      const length = bytes[at + 1]! * 65_536 + bytes[at + 2]! * 256 + bytes[at + 3]!;
      if (length > MAX_MESSAGE_BYTES) this.#fail('handshake_invalid_length');
      if (bytes.length - at < 4 + length) break;
      this.#listener.message(this.#direction, bytes[at]!, bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    if (this.#broken) return;
    if (at < bytes.length) this.#messages ??= new StreamBytes();
    this.#messages?.keep(bytes.subarray(at));
  }

  #fail(event: string): void {
    this.#broken = true;
    this.#messages?.clear();
    this.#listener.problem(this.#direction, event);
  }
}
