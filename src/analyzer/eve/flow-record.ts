// EVE JSON, Suricata's event format (https://docs.suricata.io, "EVE JSON Output"): one object a line. Field names, types
// and the values of `state` and `reason` are Suricata's.

import { IpProtocol } from '../../index.js';
import { communityId } from '../flow/community-id.js';
import type { Flow, FlowEndReason } from '../flow/flow.js';
import { flowStateName } from '../flow/flow-timeouts.js';
import { TcpFlag, tcpStateName } from '../flow/tcp-state.js';
import { flowCounters } from './flow-counters.js';
import { flowHead, type RecordPlace } from './flow-head.js';
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
  return JSON.stringify({
    ...flowHead('flow', flow, place),
    ...(appProto !== undefined && { app_proto: appProto }),
    ...(originalProto !== undefined && { app_proto_orig: originalProto }),
    flow: stateOf(flow, context),
    community_id: communityId(flow),
    ...(flow.protocol === IpProtocol.tcp && { tcp: tcpOf(flow) }),
  });
}

function stateOf(flow: Flow, { reason, alerted }: FlowContext): object {
  return {
    ...flowCounters(flow),
    end: eveTime(flow.endSec, flow.endNsec),
    age: flow.endSec - flow.startSec,
    state: flowStateName(flow.state),
    reason,
    alerted,
  };
}

const FLAG_NAMES = Object.entries(TcpFlag);

function tcpOf(flow: Flow): object {
  const all = flow.toServerFlags | flow.toClientFlags;
  const set = FLAG_NAMES.filter(([, bit]) => (all & bit) !== 0).map(([name]) => [name, true]);
  return {
    tcp_flags: hex(all),
    tcp_flags_ts: hex(flow.toServerFlags),
    tcp_flags_tc: hex(flow.toClientFlags),
    ...Object.fromEntries(set),
    state: tcpStateName(flow.tcpState),
  };
}

function hex(flags: number): string {
  return flags.toString(16).padStart(2, '0');
}
