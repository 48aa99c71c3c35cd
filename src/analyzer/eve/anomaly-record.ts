// EVE JSON `anomaly` records: packets that contradict themselves, streams with holes, payloads that break their protocol.

import { communityId } from '../flow/community-id.js';
import type { Flow } from '../flow/flow.js';
import type { PayloadAnomaly } from '../flow-payload.js';
import type { PacketFacts } from '../rules/packet-facts.js';
import { writeEnds } from './ends.js';
import type { EveWriter } from './eve-writer.js';
import { type RecordPlace, typeMember, writeHead } from './flow-head.js';
import { packetEnds } from './packet-ends.js';
import type { TransactionPlace } from './transaction-record.js';

/** Kinds of anomalies, by Suricata's names of them: of headers, of TCP connections, of application layers. */
export type AnomalyType = (typeof ANOMALY_TYPES)[number];
export const ANOMALY_TYPES = ['decode', 'stream', 'applayer'] as const;

const TYPE = typeMember('anomaly');

/** The record of an application layer's anomaly. */
export function writeAppAnomaly(out: EveWriter, flow: Flow, anomaly: PayloadAnomaly, place: RecordPlace): void {
  const { protocol, event, layer, txId } = anomaly;
  writeHead(out, TYPE, place, flow);
  writeEnds(out, flow);
  out.members({
    community_id: communityId(flow),
    tx_id: txId,
    anomaly: { app_proto: protocol, type: 'applayer', event: eventText(protocol, event), layer },
  });
  out.closeObject();
  out.end();
}

/** Protocols whose events Suricata writes in capitals, here though not in rules. */
const IN_CAPITALS: readonly string[] = ['http', 'smtp', 'tls'];

function eventText(protocol: string, event: string): string {
  return IN_CAPITALS.includes(protocol) || event.startsWith('applayer_') ? event.toUpperCase() : event;
}

/** The record of a packet whose headers are wrong: it belongs to no flow. `facts`: who sent it to whom, if that is known. */
export function writeDecoderAnomaly(
  out: EveWriter,
  event: string,
  place: RecordPlace,
  facts: PacketFacts | undefined,
): void {
  writeHead(out, TYPE, place);
  if (facts !== undefined) out.members(packetEnds(facts));
  out.members({ anomaly: { type: 'decode', event: `decoder.${event}` } });
  out.closeObject();
  out.end();
}

/** The record of what is wrong with a TCP segment; `swapped`: the server sent it. */
export function writeStreamAnomaly(out: EveWriter, flow: Flow, event: string, place: TransactionPlace): void {
  writeHead(out, TYPE, place, flow);
  writeEnds(out, flow, place.swapped);
  out.members({ community_id: communityId(flow), anomaly: { type: 'stream', event: `stream.${event}` } });
  out.closeObject();
  out.end();
}
