// EVE JSON `anomaly` records: packets that contradict themselves, streams with holes, payloads that break their protocol.

import type { Flow } from '../flow/flow.js';
import type { PayloadAnomaly } from '../flow-payload.js';
import type { PacketFacts } from '../rules/packet-facts.js';
import { writeEnds } from './ends.js';
import type { EveWriter } from './eve-writer.js';
import { TX_ID, typeMember, writeHead, writeMember } from './flow-head.js';
import { Fragment } from './fragment.js';
import { writePacketEnds } from './packet-ends.js';
import type { RecordPlace } from './record-place.js';

/** Kinds of anomalies, by Suricata's names of them: of headers, of TCP connections, of application layers. */
export type AnomalyType = (typeof ANOMALY_TYPES)[number];
export const ANOMALY_TYPES = ['decode', 'stream', 'applayer'] as const;

const TYPE = typeMember('anomaly');
const APP = new Fragment('"anomaly":{"app_proto":"');
const APP_EVENT = new Fragment('","type":"applayer","event":"');
const LAYER = new Fragment('","layer":"');
const DECODER_EVENT = new Fragment('"anomaly":{"type":"decode","event":"decoder.');
const STREAM_EVENT = new Fragment('"anomaly":{"type":"stream","event":"stream.');
const END = new Fragment('"}}');

/** The record of an application layer's anomaly. */
export function writeAppAnomaly(out: EveWriter, flow: Flow, anomaly: PayloadAnomaly, place: RecordPlace): void {
  const { protocol, event, layer, txId } = anomaly;
  writeHead(out, TYPE, place, flow);
  writeEnds(out, flow);
  place.communityIds.write(out, flow);
  if (txId !== undefined) writeMember(out, TX_ID, txId);
  out.put(APP);
  out.ascii(protocol);
  out.put(APP_EVENT);
  out.ascii(eventText(protocol, event));
  out.put(LAYER);
  out.ascii(layer);
  end(out);
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
  if (facts !== undefined) writePacketEnds(out, facts);
  out.put(DECODER_EVENT);
  out.ascii(event);
  end(out);
}

/** The record of what is wrong with a TCP segment. */
export function writeStreamAnomaly(out: EveWriter, flow: Flow, event: string, place: RecordPlace): void {
  writeHead(out, TYPE, place, flow);
  writeEnds(out, flow, place.swapped);
  place.communityIds.write(out, flow);
  out.put(STREAM_EVENT);
  out.ascii(event);
  end(out);
}

function end(out: EveWriter): void {
  out.put(END);
  out.end();
}
