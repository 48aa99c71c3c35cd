// What EVE records have in common: time, flow, interface, kind, and the two ends. As text: a packet may make a record of its
// own, and an object of so many fields costs several times what its text does.

import { type InterfaceInfo, IpProtocol } from '../../index.js';
import { destText, protocolText, sourceText } from '../flow/address-text.js';
import type { Flow } from '../flow/flow.js';
import { isIcmp } from '../flow/flow-key.js';
import { eveTime, type PacketTime } from './time.js';

/** When something was found, and where. */
export interface RecordPlace extends PacketTime {
  readonly interface: InterfaceInfo | undefined;
}

/** The fields that begin a record, with a comma behind each. `eventType` needs no escapes. */
export function headText(eventType: string, place: RecordPlace, flow?: Flow): string {
  const name = place.interface?.name;
  const id = flow === undefined ? '' : `"flow_id":${flowId(flow)},`;
  const device = name === undefined ? '' : `"in_iface":${JSON.stringify(name)},`;
  const tags = flow === undefined || !flow.hasVlans ? '' : `"vlan":[${flow.vlans}],`;
  return `{"timestamp":"${eveTime(place.sec, place.nsec)}",${id}${device}"event_type":"${eventType}",${tags}`;
}

/** The flow's ends, with a comma behind each field. `swapped`: its source is who was taken for the server. */
export function endsText(flow: Flow, swapped = false): string {
  const source = `"src_ip":"${swapped ? destText(flow) : sourceText(flow)}",`;
  const dest = `"dest_ip":"${swapped ? sourceText(flow) : destText(flow)}",`;
  const proto = `"proto":"${protocolText(flow.protocol)}",`;
  if (isIcmp(flow)) return `${source}${dest}${proto}${icmpText(flow)}`;
  if (!hasPorts(flow)) return `${source}${dest}${proto}`;
  const { srcPort, dstPort } = flow;
  const ports = swapped ? [dstPort, srcPort] : [srcPort, dstPort];
  return `${source}"src_port":${ports[0]},${dest}"dest_port":${ports[1]},${proto}`;
}

/** The rest of a record. What is undefined is left out; something must not be. */
export function restText(fields: object): string {
  return JSON.stringify(fields).slice(1);
}

/** Tells flows of one run apart, and mostly those of others: 21 bits of the start time, 32 bits of the serial number. */
export function flowId(flow: Flow): number {
  return (flow.startSec % 2 ** 21) * 2 ** 32 + flow.serial;
}

function hasPorts({ protocol }: Flow): boolean {
  return protocol === IpProtocol.tcp || protocol === IpProtocol.udp || protocol === IpProtocol.sctp;
}

function icmpText({ toServerFlags: first, toClientFlags: answer }: Flow): string {
  const own = `"icmp_type":${(first - 1) >> 8},"icmp_code":${(first - 1) & 255},`;
  if (answer === 0) return own;
  return `${own}"response_icmp_type":${(answer - 1) >> 8},"response_icmp_code":${(answer - 1) & 255},`;
}
