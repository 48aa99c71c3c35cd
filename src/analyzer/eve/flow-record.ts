// EVE JSON, Suricata's event format (https://docs.suricata.io, "EVE JSON Output"): one object a line. Field names, types
// and the values of `state` and `reason` are Suricata's. No value here needs escapes.

import { IpProtocol } from '../../index.js';
import { communityId } from '../flow/community-id.js';
import type { Flow, FlowEndReason } from '../flow/flow.js';
import { flowStateName } from '../flow/flow-timeouts.js';
import { TcpFlag, tcpStateName } from '../flow/tcp-state.js';
import { flowCountersText } from './flow-counters.js';
import { endsText, headText, type RecordPlace } from './flow-head.js';
import { eveTime } from './time.js';

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

/** The `flow` record of a flow that ended, without a line break. */
export function flowRecord(flow: Flow, context: FlowContext): string {
  const { place, appProto, originalProto } = context;
  const app = appProto === undefined ? '' : `"app_proto":"${appProto}",`;
  const original = originalProto === undefined ? '' : `"app_proto_orig":"${originalProto}",`;
  const tcp = flow.protocol === IpProtocol.tcp ? `,"tcp":${tcpText(flow)}` : '';
  const head = `${headText('flow', place, flow)}${endsText(flow)}${app}${original}`;
  return `${head}"flow":${stateText(flow, context)},"community_id":"${communityId(flow)}"${tcp}}`;
}

function stateText(flow: Flow, { reason, alerted }: FlowContext): string {
  const times = `"end":"${eveTime(flow.endSec, flow.endNsec)}","age":${flow.endSec - flow.startSec}`;
  const state = `"state":"${flowStateName(flow.state)}","reason":"${reason}","alerted":${alerted}`;
  return `{${flowCountersText(flow)},${times},${state}}`;
}

function tcpText({ toServerFlags, toClientFlags, tcpState }: Flow): string {
  const all = toServerFlags | toClientFlags;
  const sides = `"tcp_flags_ts":"${hex(toServerFlags)}","tcp_flags_tc":"${hex(toClientFlags)}"`;
  return `{"tcp_flags":"${hex(all)}",${sides},${namesText(all)}"state":"${tcpStateName(tcpState)}"}`;
}

const FLAGS = Object.entries(TcpFlag);
/** By flags: what is said of them. */
const names: string[] = [];

function namesText(flags: number): string {
  names[flags] ??= FLAGS.filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => `"${name}":true,`)
    .join('');
  return names[flags];
}

function hex(flags: number): string {
  return flags.toString(16).padStart(2, '0');
}
