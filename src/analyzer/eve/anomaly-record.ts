// EVE JSON `anomaly` records: packets that contradict themselves, streams with holes, payloads that break their protocol.

import { communityId } from '../flow/community-id.js';
import type { Flow } from '../flow/flow.js';
import { flowHead, type RecordPlace } from './flow-head.js';
import { eveTime } from './time.js';

/** Something wrong in an application layer, by Suricata's name of the event in that protocol. */
export interface AppAnomaly {
  readonly protocol: string;
  readonly event: string;
  readonly direction: number;
}

/** The record of an application layer's anomaly, without a line break. */
export function appAnomalyRecord(flow: Flow, { protocol, event }: AppAnomaly, place: RecordPlace): string {
  return JSON.stringify({
    ...flowHead('anomaly', flow, place),
    community_id: communityId(flow),
    anomaly: { app_proto: protocol, type: 'applayer', event: eventText(protocol, event), layer: 'proto_parser' },
  });
}

/** Protocols whose events Suricata writes in capitals, here though not in rules. */
const IN_CAPITALS: readonly string[] = ['http', 'smtp', 'tls'];

function eventText(protocol: string, event: string): string {
  return IN_CAPITALS.includes(protocol) ? event.toUpperCase() : event;
}

/** The record of a packet whose headers are wrong: it may be without ends, and belongs to no flow. */
export function decoderAnomalyRecord(event: string, place: RecordPlace): string {
  const name = place.interface?.name;
  return JSON.stringify({
    timestamp: eveTime(place.sec, place.nsec),
    ...(name !== undefined && { in_iface: name }),
    event_type: 'anomaly',
    anomaly: { type: 'decode', event: `decoder.${event}` },
  });
}
