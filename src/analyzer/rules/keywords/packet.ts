// Keywords that ask for a field of one packet: its headers and the size of its payload.

import type { Draft } from '../draft.js';
import { parseNumberTest } from '../number-test.js';
import { hasPayload, type PacketFacts } from '../packet-facts.js';
import { RuleProblem } from '../problem.js';
import type { PacketTest } from '../rule.js';
import { parseFlags } from '../tcp-flags.js';
import { type Keyword, type Keywords, required, wholeNumber } from './keyword.js';

const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  'ipv6-icmp': 58,
  sctp: 132,
};

const FRAGMENT_FLAGS: Readonly<Record<string, number>> = { M: 1, D: 2, R: 4 };

type Field = (packet: PacketFacts) => number;

/** dsize, ttl, itype, icode, icmp_id, icmp_seq, id, tos, ip_proto, fragbits, fragoffset, sameip, flags, seq, ack, window. */
export const PACKET: Keywords = {
  dsize: payloadSize,
  ttl: compared((packet) => packet.ttl),
  itype: compared((packet) => packet.icmpType),
  icode: compared((packet) => packet.icmpCode),
  icmp_id: equal((packet) => packet.icmpId),
  icmp_seq: equal((packet) => packet.icmpSeq),
  id: equal((packet) => packet.ipId),
  ...bothNames(
    'seq',
    equal((packet) => (packet.tcpFlags < 0 ? -1 : packet.tcpSeq)),
  ),
  ...bothNames(
    'ack',
    equal((packet) => (packet.tcpFlags < 0 ? -1 : packet.tcpAck)),
  ),
  ...bothNames(
    'window',
    equal((packet) => packet.tcpWindow),
  ),
  tos: equal((packet) => packet.tos),
  fragoffset: compared((packet) => packet.fragmentOffset),
  sameip: (draft) => addPacketTest(draft, isSameAddress),
  // Part of the header, as it were: a rule with nothing else is asked once in each direction of a flow.
  ip_proto: (draft, value, name) => void draft.tests.push(protocolTest(required(value, name))),
  fragbits: (draft, value, name) => addPacketTest(draft, fragmentTest(required(value, name))),
  ...bothNames('flags', (draft, value, name) => {
    const test = parseFlags(required(value, name));
    addPacketTest(draft, (packet) => packet.tcpFlags >= 0 && test(packet.tcpFlags));
  }),
};

/** The newer name says which header is meant. */
function bothNames(name: string, keyword: Keyword): Keywords {
  return { [name]: keyword, [`tcp.${name}`]: keyword };
}

function addPacketTest(draft: Draft, test: PacketTest): void {
  draft.addTest(test);
  draft.needsPacket = true;
}

function compared(field: Field): Keyword {
  return (draft, value, name) => {
    const test = parseNumberTest(required(value, name));
    addPacketTest(draft, (packet) => field(packet) >= 0 && test(field(packet)));
  };
}

/** A size that is not that of no payload wants payload to look at, as does any with a `!`: none is encrypted. As Suricata has it. */
function payloadSize(draft: Draft, value: string | undefined, name: string): void {
  const text = required(value, name);
  const test = parseNumberTest(text);
  const isOfPayload = !test(0) || text.includes('!');
  addPacketTest(draft, (packet) => test(packet.payload.length) && (!isOfPayload || hasPayload(packet)));
}

function equal(field: Field): Keyword {
  return (draft, value, name) => {
    const text = required(value, name);
    const isNegated = text.startsWith('!');
    const wanted = wholeNumber(text.replace(/^!|"/g, '').trim(), name);
    addPacketTest(draft, (packet) => field(packet) >= 0 && (field(packet) === wanted) !== isNegated);
  };
}

function isSameAddress(packet: PacketFacts): boolean {
  for (let i = 0; i < (packet.ipVersion === 4 ? 1 : 4); i++) if (packet.srcWord(i) !== packet.dstWord(i)) return false;
  return packet.ipVersion !== 0;
}

function protocolTest(text: string): PacketTest {
  const [, operator = '', name = ''] = /^([!<>]?)\s*([\w-]+)$/.exec(text) ?? [];
  const wanted = /^\d+$/.test(name) ? Number(name) : PROTOCOL_NUMBERS[name.toLowerCase()];
  if (wanted === undefined) throw new RuleProblem(`ip_proto: ${text} is no protocol`);
  if (operator === '<') return ({ protocol }) => protocol >= 0 && protocol < wanted;
  if (operator === '>') return ({ protocol }) => protocol > wanted;
  return ({ protocol }) => (protocol === wanted) !== (operator === '!');
}

function fragmentTest(text: string): PacketTest {
  const [, operator, letters] = /^([*+!]?)([MDR]+)[*+!]?$/.exec(text) ?? [];
  if (letters === undefined) throw new RuleProblem(`fragbits: ${text}`);
  const wanted = [...letters].reduce((bits, letter) => bits | FRAGMENT_FLAGS[letter]!, 0);
  if (operator === '*') return ({ ipFlags }) => ipFlags >= 0 && (ipFlags & wanted) !== 0;
  if (operator === '+') return ({ ipFlags }) => ipFlags >= 0 && (ipFlags & wanted) === wanted;
  if (operator === '!') return ({ ipFlags }) => ipFlags >= 0 && (ipFlags & wanted) !== wanted;
  return ({ ipFlags }) => ipFlags === wanted;
}
