// EVE JSON `alert` records, and the same in one line as fast.log has it.

import { ipv4Text, ipv6Text, NONE } from '../../index.js';
import type { Alert } from '../detect/detector.js';
import { protocolText } from '../flow/address-text.js';
import { communityId } from '../flow/community-id.js';
import type { Flow } from '../flow/flow.js';
import type { PacketFacts } from '../rules/packet-facts.js';
import type { Rule } from '../rules/rule.js';
import { flowHead, type RecordPlace } from './flow-head.js';
import { eveTime } from './time.js';

/** What an alert's record needs beside the alert. */
export interface AlertContext {
  readonly place: RecordPlace;
  /** undefined: the packet belongs to none. */
  readonly flow: Flow | undefined;
  /** With the bytes that the rule looked at. */
  readonly payload: boolean;
}

/** The record, without a line break. Ends are those of the packet, not of the flow. */
export function alertRecord(alert: Alert, { place, flow, payload }: AlertContext): string {
  const { rule, facts, tx, isStream } = alert;
  const head =
    flow === undefined
      ? { timestamp: eveTime(place.sec, place.nsec), ...interfaceOf(place), event_type: 'alert' }
      : flowHead('alert', flow, place);
  return JSON.stringify({
    ...head,
    ...endsOf(facts),
    ...(flow !== undefined && { community_id: communityId(flow) }),
    ...(tx !== undefined && { tx_id: tx.id }),
    alert: alertOf(rule, facts),
    ...tx?.eve(true),
    ...(facts.appProtocol !== undefined && { app_proto: facts.appProtocol }),
    ...(flow !== undefined && { direction: facts.direction === 0 ? 'to_server' : 'to_client', flow: flowOf(flow) }),
    ...(payload && { ...payloadOf(facts.payload), stream: isStream ? 1 : 0 }),
  });
}

/** `01/31/2024-23:59:59.123456  [**] [1:2:3] message [**] [Classification: …] [Priority: 3] {TCP} a:1 -> b:2`. */
export function fastLine({ rule, facts }: Alert, { sec, nsec }: RecordPlace): string {
  const [date = '', time = ''] = eveTime(sec, nsec).replace('+0000', '').split('T');
  const [year, month, day] = date.split('-');
  const { src_ip, src_port, dest_ip, dest_port, proto, icmp_type, icmp_code } = endsOf(facts);
  const kind = `[Classification: ${rule.category || '(null)'}] [Priority: ${rule.priority}] {${proto}}`;
  const from = `${src_ip}:${src_port ?? icmp_type ?? 0}`;
  const to = `${dest_ip}:${dest_port ?? icmp_code ?? 0}`;
  return `${month}/${day}/${year}-${time}  [**] [${rule.gid}:${rule.sid}:${rule.rev}] ${rule.msg} [**] ${kind} ${from} -> ${to}`;
}

function interfaceOf({ interface: from }: RecordPlace): object {
  return from?.name === undefined ? {} : { in_iface: from.name };
}

interface Ends {
  readonly src_ip?: string;
  readonly src_port?: number;
  readonly dest_ip?: string;
  readonly dest_port?: number;
  readonly proto?: string;
  readonly icmp_type?: number;
  readonly icmp_code?: number;
}

function endsOf(facts: PacketFacts): Ends {
  if (facts.ipVersion === 0) return {};
  return {
    src_ip: addressText(facts.ipVersion, (i) => facts.srcWord(i)),
    ...(facts.srcPort !== NONE && { src_port: facts.srcPort }),
    dest_ip: addressText(facts.ipVersion, (i) => facts.dstWord(i)),
    ...(facts.dstPort !== NONE && { dest_port: facts.dstPort }),
    proto: protocolText(facts.protocol),
    ...(facts.icmpType !== NONE && { icmp_type: facts.icmpType, icmp_code: facts.icmpCode }),
  };
}

function addressText(ipVersion: number, word: (index: number) => number): string {
  return ipVersion === 4 ? ipv4Text(word(0)) : ipv6Text(word(0), word(1), word(2), word(3));
}

/** Nothing is blocked here, whatever the rule's action. */
function alertOf(rule: Rule, facts: PacketFacts): object {
  const { src_ip, src_port, dest_ip, dest_port } = endsOf(facts);
  const source = { ip: src_ip, port: src_port };
  const dest = { ip: dest_ip, port: dest_port };
  const isSource = rule.target === 'src_ip';
  return {
    action: 'allowed',
    gid: rule.gid,
    signature_id: rule.sid,
    rev: rule.rev,
    signature: rule.msg,
    category: rule.category,
    severity: rule.priority,
    ...(rule.target !== undefined && { source: isSource ? dest : source, target: isSource ? source : dest }),
    ...(Object.keys(rule.metadata).length > 0 && { metadata: rule.metadata }),
  };
}

function flowOf(flow: Flow): object {
  return {
    pkts_toserver: flow.pktsToServer,
    pkts_toclient: flow.pktsToClient,
    bytes_toserver: flow.bytesToServer,
    bytes_toclient: flow.bytesToClient,
    start: eveTime(flow.startSec, flow.startNsec),
    ...endsOfFlow(flow),
  };
}

function endsOfFlow(flow: Flow): object {
  const { ipVersion, srcPort: src_port, dstPort: dest_port } = flow;
  const src_ip = addressText(ipVersion, (i) => flow.srcWord(i));
  const dest_ip = addressText(ipVersion, (i) => flow.dstWord(i));
  return { src_ip, dest_ip, ...(flow.protocol !== 1 && flow.protocol !== 58 && { src_port, dest_port }) };
}

function payloadOf(bytes: Uint8Array): object {
  const text = Buffer.from(bytes).toString('latin1');
  return { payload: Buffer.from(bytes).toString('base64'), payload_printable: text.replace(/[^\x20-\x7e\r\n]/g, '.') };
}
