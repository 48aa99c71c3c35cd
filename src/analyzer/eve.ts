// EVE JSON, Suricata's event format (https://docs.suricata.io, "EVE JSON Output"): one object a line. Field names, types
// and the values of `state` and `reason` are Suricata's. `alerted` is always false, no rules are matched here;
// `app_proto` is absent, payloads are not read.

import { type InterfaceInfo, IpProtocol } from '../index.js';
import { destText, protocolText, sourceText } from './address-text.js';
import { communityId } from './community-id.js';
import type { Flow, FlowEndReason } from './flow.js';
import { isIcmp } from './flow-key.js';
import { flowStateName } from './flow-timeouts.js';
import { TcpFlag, tcpStateName } from './tcp-state.js';

/** What a flow record needs beside the flow. */
export interface FlowContext {
  readonly reason: FlowEndReason;
  /** When the flow's end was noticed, by the packets' time: whole seconds since the Unix epoch, and nanoseconds. */
  readonly nowSec: number;
  readonly nowNsec: number;
  /** Where its first packet came in. */
  readonly interface: InterfaceInfo | undefined;
}

/** The `flow` record of a flow that ended, without a line break. */
export function flowRecord(flow: Flow, context: FlowContext): string {
  const vlan = flow.vlans;
  const name = context.interface?.name;
  return JSON.stringify({
    timestamp: eveTime(context.nowSec, context.nowNsec),
    flow_id: flowId(flow),
    ...(name !== undefined && { in_iface: name }),
    event_type: 'flow',
    ...(vlan.length > 0 && { vlan }),
    ...endsOf(flow),
    flow: countersOf(flow, context.reason),
    community_id: communityId(flow),
    ...(flow.protocol === IpProtocol.tcp && { tcp: tcpOf(flow) }),
  });
}

/** A time as EVE JSON writes it, in UTC with microseconds: `2024-01-31T23:59:59.123456+0000`. */
export function eveTime(sec: number, nsec: number): string {
  const micros = String(Math.floor(nsec / 1000)).padStart(6, '0');
  return `${new Date(sec * 1000).toISOString().slice(0, -5)}.${micros}+0000`;
}

/** Tells flows of one run apart, and mostly those of others: 21 bits of the start time, 32 bits of the serial number. */
function flowId(flow: Flow): number {
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

function countersOf(flow: Flow, reason: FlowEndReason): object {
  return {
    pkts_toserver: flow.pktsToServer,
    pkts_toclient: flow.pktsToClient,
    bytes_toserver: flow.bytesToServer,
    bytes_toclient: flow.bytesToClient,
    start: eveTime(flow.startSec, flow.startNsec),
    end: eveTime(flow.endSec, flow.endNsec),
    age: flow.endSec - flow.startSec,
    state: flowStateName(flow.state),
    reason,
    alerted: false,
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
