// What EVE records have in common: time, flow, interface, kind, and the two ends.

import { IpProtocol } from '../../index.js';
import { destText, protocolText, sourceText } from '../flow/address-text.js';
import type { Flow } from '../flow/flow.js';
import { isIcmp } from '../flow/flow-key.js';
import type { EveWriter } from './eve-writer.js';
import { Fragment } from './fragment.js';
import type { PacketTime } from './time.js';

/** When something was found, and where. */
export interface RecordPlace extends PacketTime {
  /** The interface, as {@link deviceMember}. */
  readonly device: Fragment;
}

/** An interface's name as a member of records; nothing if it has none. */
export function deviceMember(name: string | undefined): Fragment {
  return new Fragment(name === undefined ? '' : `"in_iface":${JSON.stringify(name)},`);
}

/** A kind of record as a member of it. */
export function typeMember(eventType: string): Fragment {
  return new Fragment(`"event_type":"${eventType}",`);
}

const TIME = new Fragment('{"timestamp":"');
const FLOW = new Fragment('","flow_id":');
const NO_FLOW = new Fragment('",');
const VLAN = new Fragment('"vlan":');

/** Begins a record. `type`: a {@link typeMember}. */
export function writeHead(out: EveWriter, type: Fragment, { sec, nsec, device }: RecordPlace, flow?: Flow): void {
  out.begin();
  out.put(TIME);
  out.time(sec, nsec);
  if (flow === undefined) out.put(NO_FLOW);
  else writeFlowId(out, flow);
  out.put(device);
  out.put(type);
  if (flow?.hasVlans !== true) return;
  out.put(VLAN);
  out.json(flow.vlans);
  out.comma();
}

function writeFlowId(out: EveWriter, flow: Flow): void {
  out.put(FLOW);
  out.number(flowId(flow));
  out.comma();
}

const SOURCE = new Fragment('"src_ip":"');
const DEST = new Fragment('"dest_ip":"');
const SOURCE_PORT = new Fragment('"src_port":');
const DEST_PORT = new Fragment('"dest_port":');
const PROTOCOL = new Fragment('"proto":"');
const END_OF_TEXT = new Fragment('",');

/** The flow's ends. `swapped`: its source is who was taken for the server. */
export function writeEnds(out: EveWriter, flow: Flow, swapped = false): void {
  const ports = hasPorts(flow);
  out.put(SOURCE);
  out.ascii(swapped ? destText(flow) : sourceText(flow));
  out.put(END_OF_TEXT);
  if (ports) writeMember(out, SOURCE_PORT, swapped ? flow.dstPort : flow.srcPort);
  out.put(DEST);
  out.ascii(swapped ? sourceText(flow) : destText(flow));
  out.put(END_OF_TEXT);
  if (ports) writeMember(out, DEST_PORT, swapped ? flow.srcPort : flow.dstPort);
  out.put(PROTOCOL);
  out.ascii(protocolText(flow.protocol));
  out.put(END_OF_TEXT);
  if (isIcmp(flow)) writeIcmp(out, flow);
}

/** A member whose value is a number. `key`: with quotes and the colon. */
export function writeMember(out: EveWriter, key: Fragment, value: number): void {
  out.put(key);
  out.number(value);
  out.comma();
}

/** Tells flows of one run apart, and mostly those of others: 21 bits of the start time, 32 bits of the serial number. */
export function flowId(flow: Flow): number {
  return (flow.startSec % 2 ** 21) * 2 ** 32 + flow.serial;
}

function hasPorts({ protocol }: Flow): boolean {
  return protocol === IpProtocol.tcp || protocol === IpProtocol.udp || protocol === IpProtocol.sctp;
}

const ICMP_TYPE = new Fragment('"icmp_type":');
const ICMP_CODE = new Fragment('"icmp_code":');
const ANSWER_TYPE = new Fragment('"response_icmp_type":');
const ANSWER_CODE = new Fragment('"response_icmp_code":');

function writeIcmp(out: EveWriter, { toServerFlags: first, toClientFlags: answer }: Flow): void {
  writeMember(out, ICMP_TYPE, (first - 1) >> 8);
  writeMember(out, ICMP_CODE, (first - 1) & 255);
  if (answer === 0) return;
  writeMember(out, ANSWER_TYPE, (answer - 1) >> 8);
  writeMember(out, ANSWER_CODE, (answer - 1) & 255);
}
