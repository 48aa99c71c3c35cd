// How long a flow may be silent before it has ended: Suricata's defaults (suricata.yaml, flow-timeouts), in seconds.

import { IpProtocol } from '../../index.js';
import { TCP, UDP } from '../ip-protocols.js';
import { TcpState } from './tcp-state.js';

/** How far a flow has come. */
export const FlowState = { new: 0, established: 1, closed: 2 } as const;

const NAMES = ['new', 'established', 'closed'] as const;

/** The name that EVE JSON gives the state. */
export function flowStateName(state: number): string {
  return NAMES[state] ?? 'new';
}

/** Seconds by kind of protocol (TCP, UDP, ICMP, the others) and, within it, by state. Index: {@link timeoutClass}. */
const SECONDS = [60, 600, 60, 30, 300, 0, 30, 300, 0, 30, 300, 0] as const;

/** The same in an emergency, when there is no room for new flows. */
const EMERGENCY_SECONDS = [5, 100, 10, 10, 100, 0, 10, 100, 0, 10, 100, 0] as const;

/** Flows of one class are silent for the same time before they end. */
export const TIMEOUT_CLASSES = SECONDS.length;

/** The silence in whole seconds beyond which a flow of the class ends. */
export function timeoutSeconds(timeoutClass: number, emergency: boolean): number {
  return (emergency ? EMERGENCY_SECONDS : SECONDS)[timeoutClass]!;
}

/** The class of a flow, 0 to TIMEOUT_CLASSES - 1. */
export function timeoutClass(protocol: number, flowState: number): number {
  return kindOf(protocol) * 3 + flowState;
}

function kindOf(protocol: number): number {
  if (protocol === TCP) return 0;
  if (protocol === UDP) return 1;
  return protocol === IpProtocol.icmp || protocol === IpProtocol.icmpv6 ? 2 : 3;
}

/** What a TCP state means for the flow, as Suricata has it: closed once both sides have said so, or one has reset. */
export function flowStateOfTcp(tcpState: number): number {
  if (tcpState < TcpState.established) return FlowState.new;
  return tcpState >= TcpState.lastAck ? FlowState.closed : FlowState.established;
}
