// EVE JSON, Suricata's event format (https://docs.suricata.io, "EVE JSON Output"): one object a line. Field names, types
// and the values of `state` and `reason` are Suricata's. No value here needs escapes.

import { IpProtocol } from '../../index.js';
import { communityId } from '../flow/community-id.js';
import type { Flow, FlowEndReason } from '../flow/flow.js';
import { flowStateName } from '../flow/flow-timeouts.js';
import { TcpFlag, tcpStateName } from '../flow/tcp-state.js';
import type { EveWriter } from './eve-writer.js';
import { writeFlowCounters } from './flow-counters.js';
import { type RecordPlace, typeMember, writeEnds, writeHead } from './flow-head.js';
import { Fragment } from './fragment.js';

/** What a flow record needs beside the flow. */
export interface FlowContext {
  readonly reason: FlowEndReason;
  /** When the flow's end was noticed, by the packets' time, and where its first packet came in. */
  readonly place: RecordPlace;
  /** Its application protocol; `failed`: none that is known; undefined: not enough was seen. */
  readonly appProto: string | undefined;
  /** The protocol that the flow began with, if it changed; else undefined. */
  readonly originalProto: string | undefined;
  /** Whether a rule told of it. */
  readonly alerted: boolean;
}

const TYPE = typeMember('flow');
const APP = new Fragment('"app_proto":"');
const ORIGINAL = new Fragment('"app_proto_orig":"');
const FLOW = new Fragment('"flow":{');
const END = new Fragment('"end":"');
const AGE = new Fragment('","age":');
const STATE = new Fragment(',"state":"');
const REASON = new Fragment('","reason":"');
const ALERTED = new Fragment('","alerted":true},"community_id":"');
const NOT_ALERTED = new Fragment('","alerted":false},"community_id":"');
const END_OF_TEXT = new Fragment('",');

/** The `flow` record of a flow that ended. */
export function writeFlow(out: EveWriter, flow: Flow, context: FlowContext): void {
  const { place, appProto, originalProto, alerted } = context;
  writeHead(out, TYPE, place, flow);
  writeEnds(out, flow);
  if (appProto !== undefined) writeName(out, APP, appProto);
  if (originalProto !== undefined) writeName(out, ORIGINAL, originalProto);
  writeState(out, flow, context);
  out.put(alerted ? ALERTED : NOT_ALERTED);
  out.ascii(communityId(flow));
  out.put(END_OF_TEXT);
  if (flow.protocol === IpProtocol.tcp) writeTcp(out, flow);
  out.closeObject();
  out.end();
}

function writeName(out: EveWriter, key: Fragment, name: string): void {
  out.put(key);
  out.ascii(name);
  out.put(END_OF_TEXT);
}

function writeState(out: EveWriter, flow: Flow, { reason }: FlowContext): void {
  out.put(FLOW);
  writeFlowCounters(out, flow);
  out.put(END);
  out.time(flow.endSec, flow.endNsec);
  out.put(AGE);
  out.number(flow.endSec - flow.startSec);
  out.put(STATE);
  out.ascii(flowStateName(flow.state));
  out.put(REASON);
  out.ascii(reason);
}

const TCP = new Fragment('"tcp":{"tcp_flags":"');
const TO_SERVER = new Fragment('","tcp_flags_ts":"');
const TO_CLIENT = new Fragment('","tcp_flags_tc":"');
const TCP_STATE = new Fragment('"state":"');
const TCP_END = new Fragment('"},');

function writeTcp(out: EveWriter, { toServerFlags, toClientFlags, tcpState }: Flow): void {
  const all = toServerFlags | toClientFlags;
  out.put(TCP);
  out.ascii(hex(all));
  out.put(TO_SERVER);
  out.ascii(hex(toServerFlags));
  out.put(TO_CLIENT);
  out.ascii(hex(toClientFlags));
  out.put(END_OF_TEXT);
  out.put(namesOf(all));
  out.put(TCP_STATE);
  out.ascii(tcpStateName(tcpState));
  out.put(TCP_END);
}

const FLAGS = Object.entries(TcpFlag);
/** By flags: what is said of them. */
const names: Fragment[] = [];

function namesOf(flags: number): Fragment {
  names[flags] ??= new Fragment(
    FLAGS.filter(([, bit]) => (flags & bit) !== 0)
      .map(([name]) => `"${name}":true,`)
      .join(''),
  );
  return names[flags];
}

function hex(flags: number): string {
  return flags.toString(16).padStart(2, '0');
}
