// Who sent a packet to whom, as the EVE records about a single packet say it.

import { NONE } from '../../index.js';
import { destText, protocolText, sourceText } from '../flow/address-text.js';
import type { PacketFacts } from '../rules/packet-facts.js';

/** Keys that a packet has nothing for are left out. */
export interface PacketEnds {
  readonly src_ip?: string;
  readonly src_port?: number;
  readonly dest_ip?: string;
  readonly dest_port?: number;
  readonly proto?: string;
  readonly icmp_type?: number;
  readonly icmp_code?: number;
}

/** Nothing at all of a packet that is not IP, or whose IP header is broken. */
export function packetEnds(facts: PacketFacts): PacketEnds {
  if (facts.ipVersion === 0) return {};
  return {
    src_ip: sourceText(facts),
    ...(facts.srcPort !== NONE && { src_port: facts.srcPort }),
    dest_ip: destText(facts),
    ...(facts.dstPort !== NONE && { dest_port: facts.dstPort }),
    proto: protocolText(facts.protocol),
    ...(facts.icmpType !== NONE && { icmp_type: facts.icmpType, icmp_code: facts.icmpCode }),
  };
}
