// What a DNS record says, as a value of EVE JSON: text, or an object for the types that say several things.

import type { EveWriter } from '../../eve/eve-writer.js';
import { Fragment } from '../../eve/fragment.js';
import { hexText } from '../text.js';
import { DnsType } from './dns-codes.js';
import type { DnsMessage } from './dns-message.js';
import { nameEnd } from './dns-name.js';
import { writeName } from './dns-name-text.js';
import { fullIpv6 } from './full-ipv6.js';

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

const QUOTE = new Fragment('"');
const NO_TEXT = new Fragment('""');

/** The value at `at` of an entry of a type that is looked into. */
export function writeValue(out: EveWriter, message: DnsMessage, entry: number, at: number): void {
  const end = message.valueEnd(entry, at);
  switch (message.type(entry)) {
    case DnsType.a:
    case DnsType.aaaa:
      return writeAddress(out, message, at, end);
    case DnsType.mx:
      return writeName(out, message, at + 2);
    case DnsType.txt:
      return out.bytes(message.bytes, at + 1, end);
    case DnsType.null:
      return out.bytes(message.bytes, at, end);
    case DnsType.soa:
      return writeSoa(out, message, at);
    case DnsType.srv:
      return writeSrv(out, message, at);
    case DnsType.sshfp:
      return writeSshfp(out, message, at, end);
    default:
      return writeName(out, message, at);
  }
}

/** IPv4 with dots; IPv6 in full; nothing for any other length. */
function writeAddress(out: EveWriter, message: DnsMessage, at: number, end: number): void {
  if (end - at === IPV4_BYTES) {
    out.put(QUOTE);
    out.ipv4((message.u16(at) << 16) | message.u16(at + 2));
    out.put(QUOTE);
  } else if (end - at === IPV6_BYTES) {
    out.put(fullIpv6(message.bytes, at));
  } else {
    out.put(NO_TEXT);
  }
}

const MNAME = new Fragment('{"mname":');
const RNAME = new Fragment(',"rname":');
const SOA_NUMBERS = ['serial', 'refresh', 'retry', 'expire', 'minimum'].map((name) => new Fragment(`,"${name}":`));

function writeSoa(out: EveWriter, message: DnsMessage, at: number): void {
  const second = nameEnd(message, at);
  const numbers = nameEnd(message, second);
  out.put(MNAME);
  writeName(out, message, at);
  out.put(RNAME);
  writeName(out, message, second);
  for (let i = 0; i < SOA_NUMBERS.length; i++) {
    out.put(SOA_NUMBERS[i]!);
    out.number(message.u32(numbers + 4 * i));
  }
  out.closeObject();
}

const PRIORITY = new Fragment('{"priority":');
const WEIGHT = new Fragment(',"weight":');
const PORT = new Fragment(',"port":');
const NAME = new Fragment(',"name":');

function writeSrv(out: EveWriter, message: DnsMessage, at: number): void {
  out.put(PRIORITY);
  out.number(message.u16(at));
  out.put(WEIGHT);
  out.number(message.u16(at + 2));
  out.put(PORT);
  out.number(message.u16(at + 4));
  out.put(NAME);
  writeName(out, message, at + 6);
  out.closeObject();
}

const FINGERPRINT = new Fragment('{"fingerprint":');
const ALGORITHM = new Fragment(',"algo":');
const TYPE = new Fragment(',"type":');

function writeSshfp(out: EveWriter, message: DnsMessage, at: number, end: number): void {
  out.put(FINGERPRINT);
  out.string(hexText(message.bytes.subarray(Math.min(at + 2, end), end), ':'));
  out.put(ALGORITHM);
  out.number(message.bytes[at]!);
  out.put(TYPE);
  out.number(message.bytes[at + 1]!);
  out.closeObject();
}
