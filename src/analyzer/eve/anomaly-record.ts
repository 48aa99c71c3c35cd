// EVE JSON `anomaly` records: packets that contradict themselves, streams with holes, payloads that break their protocol.

import { communityId } from '../flow/community-id.js';
import type { Flow } from '../flow/flow.js';
import { endsText, headText, type RecordPlace, restText } from './flow-head.js';

/** Something wrong in an application layer, by Suricata's name of the event in that protocol. */
export interface AppAnomaly {
  readonly protocol: string;
  readonly event: string;
  readonly direction: number;
}

/** The record of an application layer's anomaly, without a line break. */
export function appAnomalyRecord(flow: Flow, { protocol, event }: AppAnomaly, place: RecordPlace): string {
  const rest = restText({
    community_id: communityId(flow),
    anomaly: { app_proto: protocol, type: 'applayer', event: eventText(protocol, event), layer: 'proto_parser' },
  });
  return `${headText('anomaly', place, flow)}${endsText(flow)}${rest}`;
}

/** Protocols whose events Suricata writes in capitals, here though not in rules. */
const IN_CAPITALS: readonly string[] = ['http', 'smtp', 'tls'];

function eventText(protocol: string, event: string): string {
  return IN_CAPITALS.includes(protocol) ? event.toUpperCase() : event;
}

/** The record of a packet whose headers are wrong: it may be without ends, and belongs to no flow. */
export function decoderAnomalyRecord(event: string, place: RecordPlace): string {
  return `${headText('anomaly', place)}${restText({ anomaly: { type: 'decode', event: `decoder.${event}` } })}`;
}
