// EVE JSON `alert` records.

import { IpProtocol, NONE } from '../../index.js';
import type { Alert } from '../detect/detector.js';
import { destText, sourceText } from '../flow/address-text.js';
import type { Flow } from '../flow/flow.js';
import type { PacketFacts } from '../rules/packet-facts.js';
import type { Rule } from '../rules/rule.js';
import { writeAddress } from './ends.js';
import type { EveWriter } from './eve-writer.js';
import { writeFlowCounters } from './flow-counters.js';
import { TX_ID, typeMember, writeHead, writeMember } from './flow-head.js';
import { END_OF_TEXT, Fragment } from './fragment.js';
import { writePacketEnds } from './packet-ends.js';
import type { RecordPlace } from './record-place.js';

/** What an alert's record needs beside the alert. */
export interface AlertContext {
  readonly place: RecordPlace;
  /** undefined: the packet belongs to none. */
  readonly flow: Flow | undefined;
  /** With the bytes that the rule looked at. */
  readonly payload: boolean;
}

const TYPE = typeMember('alert');
const APP = new Fragment('"app_proto":"');
const TO_SERVER = new Fragment('"direction":"to_server",');
const TO_CLIENT = new Fragment('"direction":"to_client",');

/** The record. Ends are those of the packet, not of the flow. */
export function writeAlert(out: EveWriter, alert: Alert, { place, flow, payload }: AlertContext): void {
  const { rule, facts, tx } = alert;
  writeHead(out, TYPE, place, flow);
  writePacketEnds(out, facts);
  if (flow !== undefined) place.communityIds.write(out, flow);
  if (tx !== undefined) writeMember(out, TX_ID, tx.id);
  if (rule.target === undefined) out.put(ruleMember(rule));
  else out.members({ alert: ruleObject(rule, facts) });
  tx?.writeEve(out, true);
  if (facts.appProtocol !== undefined) writeAppProtocol(out, facts.appProtocol);
  if (flow !== undefined) out.put(facts.direction === 0 ? TO_SERVER : TO_CLIENT);
  if (payload) writePayload(out, alert);
  if (flow !== undefined) writeFlowSoFar(out, flow);
  out.closeObject();
  out.end();
}

function writeAppProtocol(out: EveWriter, protocol: string): void {
  out.put(APP);
  out.ascii(protocol);
  out.put(END_OF_TEXT);
}

/** Of rules that have told something: what is the same in each of their alerts. */
const ruleMembers = new WeakMap<Rule, Fragment>();

function ruleMember(rule: Rule): Fragment {
  const known = ruleMembers.get(rule);
  if (known !== undefined) return known;
  const member = new Fragment(`"alert":${JSON.stringify(ruleObject(rule))},`);
  ruleMembers.set(rule, member);
  return member;
}

/** Nothing is blocked here, whatever the rule's action. */
function ruleObject(rule: Rule, facts?: PacketFacts): object {
  return {
    action: 'allowed',
    gid: rule.gid,
    signature_id: rule.sid,
    rev: rule.rev,
    signature: rule.msg,
    category: rule.category,
    severity: rule.priority,
    ...(facts !== undefined && targetOf(rule, facts)),
    ...(Object.keys(rule.metadata).length > 0 && { metadata: rule.metadata }),
  };
}

function targetOf({ target }: Rule, facts: PacketFacts): object {
  const { ipVersion, srcPort, dstPort } = facts;
  const source = ipVersion === 0 ? {} : { ip: sourceText(facts), ...(srcPort !== NONE && { port: srcPort }) };
  const dest = ipVersion === 0 ? {} : { ip: destText(facts), ...(dstPort !== NONE && { port: dstPort }) };
  return target === 'src_ip' ? { source: dest, target: source } : { source, target: dest };
}

const FLOW = new Fragment('"flow":{');
const SOURCE = new Fragment('"src_ip":"');
const DEST = new Fragment('","dest_ip":"');
const SOURCE_PORT = new Fragment('"src_port":');
const DEST_PORT = new Fragment('"dest_port":');

/** What has come of the flow, with ends that are its own. */
function writeFlowSoFar(out: EveWriter, flow: Flow): void {
  const { protocol, srcPort, dstPort } = flow;
  out.put(FLOW);
  writeFlowCounters(out, flow);
  out.put(SOURCE);
  writeAddress(out, flow, false);
  out.put(DEST);
  writeAddress(out, flow, true);
  out.put(END_OF_TEXT);
  if (protocol !== IpProtocol.icmp && protocol !== IpProtocol.icmpv6) {
    writeMember(out, SOURCE_PORT, srcPort);
    writeMember(out, DEST_PORT, dstPort);
  }
  out.closeObject();
  out.comma();
}

function writePayload(out: EveWriter, { facts: { payload }, isStream }: Alert): void {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const printable = bytes.toString('latin1').replace(/[^\x20-\x7e\r\n]/g, '.');
  out.members({ payload: bytes.toString('base64'), payload_printable: printable, stream: isStream ? 1 : 0 });
}
