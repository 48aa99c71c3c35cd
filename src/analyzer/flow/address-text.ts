// Addresses and protocols of flows as text.

import { ipv4Text, ipv6Text } from '../../index.js';
import type { FlowEnds } from './flow-key.js';

/** The client's address. */
export function sourceText(flow: FlowEnds): string {
  if (flow.ipVersion === 4) return ipv4Text(flow.srcWord(0));
  return ipv6Text(flow.srcWord(0), flow.srcWord(1), flow.srcWord(2), flow.srcWord(3));
}

/** The server's address. */
export function destText(flow: FlowEnds): string {
  if (flow.ipVersion === 4) return ipv4Text(flow.dstWord(0));
  return ipv6Text(flow.dstWord(0), flow.dstWord(1), flow.dstWord(2), flow.dstWord(3));
}

/** Names as EVE JSON writes them (https://www.iana.org/assignments/protocol-numbers). */
const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPv4',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'IPv6-ICMP',
  89: 'OSPFIGP',
  103: 'PIM',
  112: 'VRRP',
  132: 'SCTP',
};

/** The protocol's name, or its number with three digits, as Suricata has it. */
export function protocolText(protocol: number): string {
  return PROTOCOLS[protocol] ?? String(protocol).padStart(3, '0');
}
