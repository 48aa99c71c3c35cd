// A DNS message (RFC 1035) as plain values. What is read is bounded: names have at most MAX_LABELS labels and as many
// compression pointers, so that a message can't ask for more than a multiple of its own length. Like Suricata, a record of
// which there is nothing to read makes the whole message malformed.

import { asBuffer, hexText, latin1 } from '../text.js';
import { DnsType } from './dns-codes.js';

/** Bits of the header's flags. */
export const DnsFlag = { qr: 0x8000, aa: 0x0400, tc: 0x0200, rd: 0x0100, ra: 0x0080, z: 0x0040 } as const;

export const DNS_HEADER_BYTES = 12;
const MAX_LABELS = 255;
const MAX_LABEL_BYTES = 63;

const DOT = 0x2e;
/** Where a name is put together. */
const NAME = Buffer.alloc((MAX_LABELS + 1) * (MAX_LABEL_BYTES + 1));

export interface DnsQuestion {
  /** Labels with dots between them, a character per byte. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

/** What a record says; undefined where it is of a type that is not looked into. */
export type DnsData = string | Readonly<Record<string, string | number>> | undefined;

export interface DnsRecord extends DnsQuestion {
  /** Seconds. */
  readonly ttl: number;
  readonly data: DnsData;
}

export interface DnsMessage {
  readonly id: number;
  readonly flags: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
}

/** Reads a message; undefined: the bytes are none. Records are read of responses only, additional ones not at all. */
export function readDnsMessage(bytes: Uint8Array): DnsMessage | undefined {
  if (bytes.length < DNS_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const cursor = new Cursor(asBuffer(bytes), view, DNS_HEADER_BYTES);
    const questions = repeated(view.getUint16(4), () => cursor.question());
    const flags = view.getUint16(2);
    const isResponse = (flags & DnsFlag.qr) !== 0;
    const answers = isResponse ? readRecords(cursor, view.getUint16(6)) : [];
    const authorities = isResponse ? readRecords(cursor, view.getUint16(8)) : [];
    return { id: view.getUint16(0), flags, questions, answers, authorities };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function repeated<T>(count: number, read: () => T): T[] {
  const list: T[] = [];
  for (let i = 0; i < count; i++) list.push(read());
  return list;
}

function readRecords(cursor: Cursor, count: number): DnsRecord[] {
  const records: DnsRecord[] = [];
  for (let i = 0; i < count; i++) {
    const about = cursor.question();
    const ttl = cursor.u32();
    const end = cursor.u16() + cursor.at;
    for (const data of cursor.recordData(about.type, end)) records.push({ ...about, ttl, data });
  }
  return records;
}

/** Reads from front to back; a RangeError where the message ends too early, or a name doesn't end. */
class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at: number;

  constructor(bytes: Uint8Array, view: DataView, at: number) {
    this.#bytes = bytes;
    this.#view = view;
    this.at = at;
  }

  u16(): number {
    const value = this.#view.getUint16(this.at);
    this.at += 2;
    return value;
  }

  u32(): number {
    const value = this.#view.getUint32(this.at);
    this.at += 4;
    return value;
  }

  /** What a question consists of, and a record begins with. */
  question(): DnsQuestion {
    return { name: this.name(), type: this.u16(), class: this.u16() };
  }

  /** Labels are gathered with dots between them, and become text at once: that is what takes the time. */
  name(): string {
    const bytes = this.#bytes;
    let at = this.at;
    let length = 0;
    let labels = 0;
    let jumps = 0;
    while (labels <= MAX_LABELS && jumps <= MAX_LABELS) {
      const label = this.#view.getUint8(at);
      if (label === 0) {
        if (jumps === 0) this.at = at + 1;
        return NAME.toString('latin1', 0, Math.max(0, length - 1));
      }
      if (label < 0x40) {
        if (at + 1 + label > bytes.length) throw new RangeError('a label beyond the end');
        for (let i = at + 1; i <= at + label; i++) NAME[length++] = bytes[i]!;
        NAME[length++] = DOT;
        at += 1 + label;
        labels++;
      } else {
        if (label < 0xc0) throw new RangeError('a label of an unknown kind');
        const target = this.#view.getUint16(at) & 0x3fff;
        if (jumps === 0) this.at = at + 2;
        at = target;
        jumps++;
      }
    }
    throw new RangeError('a name without end');
  }

  /** What a record of this type says, up to `end`: one value, or several strings of a TXT record. */
  recordData(type: number, end: number): DnsData[] {
    if (end > this.#bytes.length) throw new RangeError('a record beyond the end');
    if (end === this.at) throw new RangeError('a record without data');
    const data = type === DnsType.txt ? this.#strings(end) : [this.#value(type, end)];
    this.at = end;
    return data;
  }

  #strings(end: number): string[] {
    const strings: string[] = [];
    while (this.at < end) {
      const length = this.#view.getUint8(this.at);
      if (this.at + 1 + length > end) throw new RangeError('a string beyond its record');
      strings.push(latin1(this.#bytes, this.at + 1, this.at + 1 + length));
      this.at += 1 + length;
    }
    return strings;
  }

  #value(type: number, end: number): DnsData {
    switch (type) {
      case DnsType.a:
      case DnsType.aaaa:
        return addressText(this.#bytes.subarray(this.at, end));
      case DnsType.mx:
        this.u16();
        return this.name();
      case DnsType.ns:
      case DnsType.cname:
      case DnsType.ptr:
        return this.name();
      case DnsType.null:
        return latin1(this.#bytes, this.at, end);
      case DnsType.soa:
        return this.#soa();
      case DnsType.srv:
        return { priority: this.u16(), weight: this.u16(), port: this.u16(), name: this.name() };
      case DnsType.sshfp:
        return this.#sshfp(end);
      default:
        return undefined;
    }
  }

  #soa(): DnsData {
    return {
      mname: this.name(),
      rname: this.name(),
      serial: this.u32(),
      refresh: this.u32(),
      retry: this.u32(),
      expire: this.u32(),
      minimum: this.u32(),
    };
  }

  #sshfp(end: number): DnsData {
    const kind = this.u16();
    return {
      fingerprint: hexText(this.#bytes.subarray(Math.min(this.at, end), end), ':'),
      algo: kind >> 8,
      type: kind & 0xff,
    };
  }
}

/** IPv4 with dots; IPv6 in full, eight groups of four digits; nothing for any other length. */
function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  if (bytes.length === 16) return hexText(bytes).replace(/.{4}(?!$)/g, '$&:');
  return '';
}
