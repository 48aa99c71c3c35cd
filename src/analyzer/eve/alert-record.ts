// EVE JSON `alert` records, and the same in one line as fast.log has it.

import { IpProtocol } from '../../index.js';
import type { Alert } from '../detect/detector.js';
import { destText, sourceText } from '../flow/address-text.js';
import { communityId } from '../flow/community-id.js';
import type { Flow } from '../flow/flow.js';
import type { Rule } from '../rules/rule.js';
import type { EveWriter } from './eve-writer.js';
import { writeFlowCounters } from './flow-counters.js';
import { type RecordPlace, typeMember, writeHead } from './flow-head.js';
import { Fragment } from './fragment.js';
import { type PacketEnds, packetEnds } from './packet-ends.js';
import { eveTime } from './time.js';

/** What an alert's record needs beside the alert. */
export interface AlertContext {
  readonly place: RecordPlace;
  /** undefined: the packet belongs to none. */
  readonly flow: Flow | undefined;
  /** With the bytes that the rule looked at. */
  readonly payload: boolean;
}

const TYPE = typeMember('alert');
const FLOW = new Fragment('"flow":{');

/** The record. Ends are those of the packet, not of the flow. */
export function writeAlert(out: EveWriter, alert: Alert, { place, flow, payload }: AlertContext): void {
  const { rule, facts, tx, isStream } = alert;
  const ends = packetEnds(facts);
  writeHead(out, TYPE, place, flow);
  out.members({
    ...ends,
    ...(flow !== undefined && { community_id: communityId(flow) }),
    ...(tx !== undefined && { tx_id: tx.id }),
    alert: alertOf(rule, ends),
  });
  tx?.writeEve(out, true);
  out.members({
    ...(facts.appProtocol !== undefined && { app_proto: facts.appProtocol }),
    ...(flow !== undefined && { direction: facts.direction === 0 ? 'to_server' : 'to_client' }),
    ...(payload && { ...payloadOf(facts.payload), stream: isStream ? 1 : 0 }),
  });
  if (flow !== undefined) writeFlowSoFar(out, flow);
  out.closeObject();
  out.end();
}

/** `01/31/2024-23:59:59.123456  [**] [1:2:3] message [**] [Classification: …] [Priority: 3] {TCP} a:1 -> b:2`. */
export function fastLine({ rule, facts }: Alert, { sec, nsec }: RecordPlace): string {
  const [date = '', time = ''] = eveTime(sec, nsec).replace('+0000', '').split('T');
  const [year, month, day] = date.split('-');
  const { src_ip, src_port, dest_ip, dest_port, proto, icmp_type, icmp_code } = packetEnds(facts);
  const kind = `[Classification: ${rule.category || '(null)'}] [Priority: ${rule.priority}] {${proto}}`;
  const from = `${src_ip}:${src_port ?? icmp_type ?? 0}`;
  const to = `${dest_ip}:${dest_port ?? icmp_code ?? 0}`;
  return `${month}/${day}/${year}-${time}  [**] [${rule.gid}:${rule.sid}:${rule.rev}] ${rule.msg} [**] ${kind} ${from} -> ${to}`;
}

/** Nothing is blocked here, whatever the rule's action. */
function alertOf(rule: Rule, { src_ip, src_port, dest_ip, dest_port }: PacketEnds): object {
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

function writeFlowSoFar(out: EveWriter, flow: Flow): void {
  out.put(FLOW);
  writeFlowCounters(out, flow);
  out.members(endsOfFlow(flow));
  out.closeObject();
}

function endsOfFlow(flow: Flow): object {
  const { protocol, srcPort: src_port, dstPort: dest_port } = flow;
  const hasPorts = protocol !== IpProtocol.icmp && protocol !== IpProtocol.icmpv6;
  return { src_ip: sourceText(flow), dest_ip: destText(flow), ...(hasPorts && { src_port, dest_port }) };
}

function payloadOf(bytes: Uint8Array): object {
  const text = Buffer.from(bytes).toString('latin1');
  return { payload: Buffer.from(bytes).toString('base64'), payload_printable: text.replace(/[^\x20-\x7e\r\n]/g, '.') };
}
