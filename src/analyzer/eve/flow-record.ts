// EVE JSON, Suricata's event format (https://docs.suricata.io, "EVE JSON Output"): one object a line. Field names, types
// and the values of `state` and `reason` are Suricata's. No value here needs escapes.

import { IpProtocol } from '../../index.js';
import type { Flow, FlowEndReason } from '../flow/flow.js';
import { FlowState, flowStateName } from '../flow/flow-timeouts.js';
import { TcpFlag, TcpState, tcpStateName } from '../flow/tcp-state.js';
import { writeEnds } from './ends.js';
import type { EveWriter } from './eve-writer.js';
import { writeFlowCounters } from './flow-counters.js';
import { typeMember, writeHead } from './flow-head.js';
import { END_OF_TEXT, Fragment } from './fragment.js';
import type { RecordPlace } from './record-place.js';

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
const ALERTED = new Fragment('"alerted":true},');
const NOT_ALERTED = new Fragment('"alerted":false},');

/** The `flow` record of a flow that ended. */
export function writeFlow(out: EveWriter, flow: Flow, context: FlowContext): void {
  const { place, appProto, originalProto, alerted } = context;
  writeHead(out, TYPE, place, flow);
  writeEnds(out, flow);
  if (appProto !== undefined) writeName(out, APP, appProto);
  if (originalProto !== undefined) writeName(out, ORIGINAL, originalProto);
  writeState(out, flow, context);
  out.put(alerted ? ALERTED : NOT_ALERTED);
  place.communityIds.writeLast(out, flow);
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
  out.put(STATES[flow.state]!);
  out.put(REASONS[reason]);
}

const STATES = Object.values(FlowState).map((state) => new Fragment(`,"state":"${flowStateName(state)}",`));
const REASONS: Readonly<Record<FlowEndReason, Fragment>> = {
  timeout: reasonMember('timeout'),
  forced: reasonMember('forced'),
  shutdown: reasonMember('shutdown'),
  tcp_reuse: reasonMember('tcp_reuse'),
};

function reasonMember(reason: FlowEndReason): Fragment {
  return new Fragment(`"reason":"${reason}",`);
}

const TCP = new Fragment('"tcp":{"tcp_flags":"');
const TO_SERVER = new Fragment('","tcp_flags_ts":"');
const TO_CLIENT = new Fragment('","tcp_flags_tc":"');
const TCP_STATES = Object.values(TcpState).map((state) => new Fragment(`"state":"${tcpStateName(state)}"},`));

function writeTcp(out: EveWriter, { toServerFlags, toClientFlags, tcpState }: Flow): void {
  const all = toServerFlags | toClientFlags;
  out.put(TCP);
  out.put(hexOf(all));
  out.put(TO_SERVER);
  out.put(hexOf(toServerFlags));
  out.put(TO_CLIENT);
  out.put(hexOf(toClientFlags));
  out.put(namesOf(all));
  out.put(TCP_STATES[tcpState]!);
}

const FLAGS = Object.entries(TcpFlag);
/** By flags: what is said of them, behind their number. */
const names: Fragment[] = [];
const numbers: Fragment[] = [];

function namesOf(flags: number): Fragment {
  names[flags] ??= new Fragment(
    FLAGS.filter(([, bit]) => (flags & bit) !== 0).reduce((text, [name]) => `${text}"${name}":true,`, '",'),
  );
  return names[flags];
}

function hexOf(flags: number): Fragment {
  numbers[flags] ??= new Fragment(flags.toString(16).padStart(2, '0'));
  return numbers[flags];
}
