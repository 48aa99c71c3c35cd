// EVE JSON `anomaly` records: packets that contradict themselves, streams with holes, payloads that break their protocol.

import { communityId } from '../flow/community-id.js';
import type { Flow } from '../flow/flow.js';
import type { PayloadAnomaly } from '../flow-payload.js';
import type { PacketFacts } from '../rules/packet-facts.js';
import { endsText, headText, type RecordPlace, restText } from './flow-head.js';
import { packetEnds } from './packet-ends.js';

/** Kinds of anomalies, by Suricata's names of them: of headers, of TCP connections, of application layers. */
export type AnomalyType = (typeof ANOMALY_TYPES)[number];
export const ANOMALY_TYPES = ['decode', 'stream', 'applayer'] as const;

/** The record of an application layer's anomaly, without a line break. */
export function appAnomalyRecord(flow: Flow, anomaly: PayloadAnomaly, place: RecordPlace): string {
  const { protocol, event, layer, txId } = anomaly;
  const rest = restText({
    community_id: communityId(flow),
    tx_id: txId,
    anomaly: { app_proto: protocol, type: 'applayer', event: eventText(protocol, event), layer },
  });
  return `${headText('anomaly', place, flow)}${endsText(flow)}${rest}`;
}

/** Protocols whose events Suricata writes in capitals, here though not in rules. */
const IN_CAPITALS: readonly string[] = ['http', 'smtp', 'tls'];

function eventText(protocol: string, event: string): string {
  return IN_CAPITALS.includes(protocol) || event.startsWith('applayer_') ? event.toUpperCase() : event;
}

/** The record of a packet whose headers are wrong: it belongs to no flow. `facts`: who sent it to whom, if that is known. */
export function decoderAnomalyRecord(event: string, place: RecordPlace, facts: PacketFacts | undefined): string {
  const anomaly = { type: 'decode', event: `decoder.${event}` };
  return `${headText('anomaly', place)}${restText({ ...(facts !== undefined && packetEnds(facts)), anomaly })}`;
}

/** The record of what is wrong with a TCP segment; `swapped`: the server sent it. */
export function streamAnomalyRecord(flow: Flow, event: string, place: RecordPlace & { swapped: boolean }): string {
  const anomaly = { type: 'stream', event: `stream.${event}` };
  const rest = restText({ community_id: communityId(flow), anomaly });
  return `${headText('anomaly', place, flow)}${endsText(flow, place.swapped)}${rest}`;
}
