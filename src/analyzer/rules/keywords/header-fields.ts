// Keywords that look for something in the bytes of a packet's headers: options, checksums.

import { parseNumberTest } from '../number-test.js';
import type { HeaderName, PacketFacts } from '../packet-facts.js';
import { RuleProblem } from '../problem.js';
import type { PacketTest } from '../rule.js';
import { type Keyword, type Keywords, required } from './keyword.js';

/** IPv4's options by Suricata's names (https://www.iana.org/assignments/ip-parameters). */
const IP_OPTIONS: Readonly<Record<string, number>> = {
  eol: 0,
  nop: 1,
  rr: 7,
  qs: 25,
  ts: 68,
  sec: 130,
  lsrr: 131,
  esec: 133,
  cipso: 134,
  satid: 136,
  ssrr: 137,
  rtralt: 148,
};

const IPV4_FIXED_BYTES = 20;
const TCP_FIXED_BYTES = 20;
const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const MSS = 2;
const PACKET_TOO_BIG = 2;

/** ipopts, tcp.mss, icmpv6.mtu, l3_proto and the checksums. */
export const HEADER_FIELDS: Keywords = {
  ipopts: ofPacket((value) => {
    const wanted = IP_OPTIONS[value];
    if (wanted === undefined && value !== 'any') throw new RuleProblem(`ipopts: ${value} is no option`);
    return (packet) => optionsOf(packet, 'ipv4.hdr', IPV4_FIXED_BYTES).some(({ type }) => (wanted ?? type) === type);
  }),
  'tcp.mss': ofPacket((value) => {
    const test = parseNumberTest(value);
    return (packet) =>
      optionsOf(packet, 'tcp.hdr', TCP_FIXED_BYTES).some(({ type, data }) => {
        return type === MSS && data.length === 2 && test(data[0]! * 256 + data[1]!);
      });
  }),
  'icmpv6.mtu': ofPacket((value) => {
    const test = parseNumberTest(value);
    return (packet) => {
      const header = packet.icmpType === PACKET_TOO_BIG ? packet.header('icmpv6.hdr') : undefined;
      return header !== undefined && test(new DataView(header.buffer, header.byteOffset).getUint32(4));
    };
  }),
  // Part of the header, as it were: a rule with nothing else is asked once in each direction of a flow.
  l3_proto: (draft, value, name) => {
    const version = /^ip(?:v)?([46])$/.exec(required(value, name))?.[1];
    if (version === undefined) throw new RuleProblem(`l3_proto: ${value} is neither ipv4 nor ipv6`);
    draft.tests.push(({ ipVersion }) => ipVersion === Number(version));
  },
  'ipv4-csum': checksum((packet) => sumOf(packet.header('ipv4.hdr'))),
  'tcpv4-csum': checksum((packet) => transportSum(packet, 4, 6)),
  'tcpv6-csum': checksum((packet) => transportSum(packet, 6, 6)),
  'udpv4-csum': checksum((packet) => (isUnsummed(packet) ? undefined : transportSum(packet, 4, 17))),
  'udpv6-csum': checksum((packet) => transportSum(packet, 6, 17)),
  'icmpv4-csum': checksum((packet) => (packet.ipVersion === 4 && isOf(packet, 1) ? sumOf(segment(packet)) : undefined)),
  'icmpv6-csum': checksum((packet) => transportSum(packet, 6, 58)),
};

function ofPacket(parse: (value: string) => PacketTest): Keyword {
  return (draft, value, name) => {
    draft.addTest(
      parse(
        required(value, name)
          .replace(/^"(.*)"$/, '$1')
          .trim(),
      ),
    );
    draft.needsPacket = true;
  };
}

/** `sum` gives the sum of all that the checksum covers, itself included; undefined: there is nothing to add up. */
function checksum(sum: (packet: PacketFacts) => number | undefined): Keyword {
  return ofPacket((value) => {
    if (value !== 'valid' && value !== 'invalid') throw new RuleProblem(`${value} is neither valid nor invalid`);
    return (packet) => {
      const found = sum(packet);
      return found !== undefined && (folded(found) === 0xffff) === (value === 'valid');
    };
  });
}

function transportSum(packet: PacketFacts, ipVersion: number, protocol: number): number | undefined {
  const sum = packet.ipVersion === ipVersion && isOf(packet, protocol) ? sumOf(segment(packet)) : undefined;
  if (sum === undefined) return undefined;
  const addresses = sumOf(packet.header('ip.src'))! + sumOf(packet.header('ip.dst'))!;
  return sum + addresses + protocol + segment(packet)!.length;
}

function isOf(packet: PacketFacts, protocol: number): boolean {
  return packet.protocol === protocol;
}

function segment(packet: PacketFacts): Uint8Array | undefined {
  return packet.header('transport');
}

/** A sender may leave it out (RFC 768). */
function isUnsummed(packet: PacketFacts): boolean {
  const header = packet.header('udp.hdr');
  return header !== undefined && header[6] === 0 && header[7] === 0;
}

/** The 16-bit words added up (RFC 1071), a last odd byte with a zero behind it. */
function sumOf(bytes: Uint8Array | undefined): number | undefined {
  if (bytes === undefined) return undefined;
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes[i]! * 256 + (bytes[i + 1] ?? 0);
  return sum;
}

function folded(sum: number): number {
  let left = sum;
  while (left > 0xffff) left = (left & 0xffff) + Math.floor(left / 65_536);
  return left;
}

interface Option {
  readonly type: number;
  readonly data: Uint8Array;
}

/** The options behind a header's fixed part; one that contradicts itself ends them. */
function optionsOf(packet: PacketFacts, name: HeaderName, fixedBytes: number): Option[] {
  const header = packet.header(name);
  const options: Option[] = [];
  if (header === undefined) return options;
  for (let at = fixedBytes; at < header.length; ) {
    const type = header[at]!;
    const length = type <= NO_OPERATION ? 1 : (header[at + 1] ?? 0);
    if (length < 1 || (type > NO_OPERATION && length < 2) || at + length > header.length) break;
    options.push({ type, data: header.subarray(at + 2, at + length) });
    if (type === END_OF_OPTIONS) break;
    at += length;
  }
  return options;
}
