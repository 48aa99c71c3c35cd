// A DNS message (RFC 1035, section 4) where it lies: its bytes are checked once, from front to back, and then it is known
// where each question and record stands, so that reading a message makes no object. Like Suricata, a record of which there
// is nothing to read makes the whole message malformed.

import type { ByteRange } from '../byte-range.js';
import { DnsType } from './dns-codes.js';
import { BROKEN, nameEnd } from './dns-name.js';

/** Bits of the header's flags. */
export const DnsFlag = { qr: 0x8000, aa: 0x0400, tc: 0x0200, rd: 0x0100, ra: 0x0080, z: 0x0040 } as const;

export const DNS_HEADER_BYTES = 12;
/** Type and class, behind each name. */
const QUESTION_BYTES = 4;
/** Type, class, time to live and the data's length, between a record's name and its data. */
const RECORD_BYTES = 10;
const SOA_NUMBERS_BYTES = 20;
const SRV_NUMBERS_BYTES = 6;

const NOTHING = new Uint8Array(0);
/** Entries that there is room for at first. */
const FIRST_ENTRIES = 64;

/**
 * Moved from message to message: what it says is valid until the next read(), and as long as the bytes are. Entries are the
 * questions, then the answers, then the authorities; a request has no records, and additional ones are never read.
 */
export class DnsMessage {
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  id = 0;
  /** {@link DnsFlag} bits, the opcode and the reply code. */
  flags = 0;
  questions = 0;
  answers = 0;
  authorities = 0;
  /** By entry: where its name begins, and where what follows the name does. */
  #places = new Int32Array(2 * FIRST_ENTRIES);
  #length = 0;

  /** Reads a message. False: the bytes are none, and nothing that is said of them counts. */
  read({ bytes, start, end }: ByteRange): boolean {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.#length = 0;
    if (end - start < DNS_HEADER_BYTES) return false;
    this.id = this.u16(start);
    this.flags = this.u16(start + 2);
    this.questions = this.u16(start + 4);
    this.answers = this.isResponse ? this.u16(start + 6) : 0;
    this.authorities = this.isResponse ? this.u16(start + 8) : 0;
    const behind = this.#readQuestions(start + DNS_HEADER_BYTES);
    return behind !== BROKEN && this.#areRecords(behind);
  }

  get isResponse(): boolean {
    return (this.flags & DnsFlag.qr) !== 0;
  }

  get opcode(): number {
    return opcodeOf(this.flags);
  }

  /** Where an entry's name begins. */
  nameAt(entry: number): number {
    return this.#places[2 * entry]!;
  }

  type(entry: number): number {
    return this.u16(this.#fieldsAt(entry));
  }

  class(entry: number): number {
    return this.u16(this.#fieldsAt(entry) + 2);
  }

  /** A record's time to live, in seconds. */
  ttl(entry: number): number {
    return this.u32(this.#fieldsAt(entry) + 4);
  }

  /** Where a record's data begins. */
  dataAt(entry: number): number {
    return this.#fieldsAt(entry) + RECORD_BYTES;
  }

  /** Where what follows a record begins. */
  dataEnd(entry: number): number {
    const at = this.dataAt(entry);
    return at + this.u16(at - 2);
  }

  /** Where the value that begins at `at` ends: one of a TXT record's strings, any other record's only one. */
  valueEnd(entry: number, at: number): number {
    return this.type(entry) === DnsType.txt ? at + 1 + this.bytes[at]! : this.dataEnd(entry);
  }

  /** The two bytes at an index of {@link bytes}. */
  u16(at: number): number {
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  /** The four bytes at an index of {@link bytes}. */
  u32(at: number): number {
    return ((this.u16(at) << 16) | this.u16(at + 2)) >>> 0;
  }

  /** Where what follows an entry's name begins. */
  #fieldsAt(entry: number): number {
    return this.#places[2 * entry + 1]!;
  }

  #readQuestions(at: number): number {
    for (let i = 0; i < this.questions; i++) {
      const fields = nameEnd(this, at);
      if (fields === BROKEN || fields + QUESTION_BYTES > this.end) return BROKEN;
      this.#note(at, fields);
      at = fields + QUESTION_BYTES;
    }
    return at;
  }

  #areRecords(at: number): boolean {
    for (let i = this.answers + this.authorities; i > 0; i--) {
      const fields = nameEnd(this, at);
      const data = fields + RECORD_BYTES;
      if (fields === BROKEN || data > this.end) return false;
      const behind = data + this.u16(data - 2);
      if (behind > this.end || behind === data || !this.#isSound(this.u16(fields), data, behind)) return false;
      this.#note(at, fields);
      at = behind;
    }
    return true;
  }

  /** Whether a record's data is what its type says. Names and numbers may go beyond its end, but not the message's. */
  #isSound(type: number, at: number, end: number): boolean {
    switch (type) {
      case DnsType.ns:
      case DnsType.cname:
      case DnsType.ptr:
        return nameEnd(this, at) !== BROKEN;
      case DnsType.mx:
        return nameEnd(this, at + 2) !== BROKEN;
      case DnsType.srv:
        return nameEnd(this, at + SRV_NUMBERS_BYTES) !== BROKEN;
      case DnsType.soa:
        return this.#isSoa(at);
      case DnsType.txt:
        return this.#areStrings(at, end);
      case DnsType.sshfp:
        return at + 2 <= this.end;
      default:
        return true;
    }
  }

  #isSoa(at: number): boolean {
    const second = nameEnd(this, at);
    const numbers = second === BROKEN ? BROKEN : nameEnd(this, second);
    return numbers !== BROKEN && numbers + SOA_NUMBERS_BYTES <= this.end;
  }

  #areStrings(at: number, end: number): boolean {
    while (at < end) at += 1 + this.bytes[at]!;
    return at === end;
  }

  #note(name: number, fields: number): void {
    if (this.#length === this.#places.length) this.#grow();
    this.#places[this.#length++] = name;
    this.#places[this.#length++] = fields;
  }

  /** Every entry has some bytes of the message, so that there are no more than those allow. */
  #grow(): void {
    const grown = new Int32Array(2 * this.#places.length);
    grown.set(this.#places);
    this.#places = grown;
  }
}

/** The opcode in a header's flags. */
export function opcodeOf(flags: number): number {
  return (flags >> 11) & 15;
}
