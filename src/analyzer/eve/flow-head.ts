// What the EVE records of a flow have in common: time, flow, interface, kind, and the two ends.

import { type InterfaceInfo, IpProtocol } from '../../index.js';
import { destText, protocolText, sourceText } from '../flow/address-text.js';
import type { Flow } from '../flow/flow.js';
import { isIcmp } from '../flow/flow-key.js';
import { eveTime, type PacketTime } from './time.js';

/** When something was found, and where. */
export interface RecordPlace extends PacketTime {
  readonly interface: InterfaceInfo | undefined;
}

/** The fields that begin a record about a flow, seen from its client. */
export function flowHead(eventType: string, flow: Flow, place: RecordPlace): Record<string, unknown> {
  const vlan = flow.vlans;
  const name = place.interface?.name;
  return {
    timestamp: eveTime(place.sec, place.nsec),
    flow_id: flowId(flow),
    ...(name !== undefined && { in_iface: name }),
    event_type: eventType,
    ...(vlan.length > 0 && { vlan }),
    ...endsOf(flow),
  };
}

/** Tells flows of one run apart, and mostly those of others: 21 bits of the start time, 32 bits of the serial number. */
export function flowId(flow: Flow): number {
  return (flow.startSec % 2 ** 21) * 2 ** 32 + flow.serial;
}

function endsOf(flow: Flow): object {
  const proto = protocolText(flow.protocol);
  const src_ip = sourceText(flow);
  const dest_ip = destText(flow);
  if (isIcmp(flow)) return { src_ip, dest_ip, proto, ...icmpOf(flow) };
  if (!hasPorts(flow)) return { src_ip, dest_ip, proto };
  return { src_ip, src_port: flow.srcPort, dest_ip, dest_port: flow.dstPort, proto };
}

function hasPorts({ protocol }: Flow): boolean {
  return protocol === IpProtocol.tcp || protocol === IpProtocol.udp || protocol === IpProtocol.sctp;
}

function icmpOf(flow: Flow): object {
  const { toServerFlags: first, toClientFlags: answer } = flow;
  return {
    icmp_type: (first - 1) >> 8,
    icmp_code: (first - 1) & 255,
    ...(answer > 0 && { response_icmp_type: (answer - 1) >> 8, response_icmp_code: (answer - 1) & 255 }),
  };
}
