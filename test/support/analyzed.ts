// What the analyzer tells of a capture, without a tap: its events as objects.

import { Analyzer } from '../../src/analyzer/analyzer.js';
import type { AnalyzerOptions } from '../../src/analyzer/analyzer-options.js';
import type { PacketView } from '../../src/packet/packet-view.js';
import { eventsTo } from './event-lines.js';
import { packetsOf } from './pcap-packets.js';
import { startReplay } from './replayed.js';
import { makeTestRing } from './test-ring.js';

export type EveEvent = Record<string, unknown>;

type Options = Omit<AnalyzerOptions, 'onEvents'>;

/** All events of a classic pcap, in order. */
export function analyzed(path: string, options: Options = {}): EveEvent[] {
  return eventsOf(packetsOf(path), options);
}

/** The same of any savefile, by way of the replay. What doesn't fit into a ring of 16 MiB is missed. */
export async function analyzedReplay(path: string, options: Options = {}): Promise<EveEvent[]> {
  using ring = makeTestRing();
  await using replay = startReplay(ring, [path], { pace: { kind: 'topspeed' } });
  await replay.ended;
  return eventsOf(ring.read(), options);
}

function eventsOf(packets: readonly PacketView[], options: Options): EveEvent[] {
  const found: EveEvent[] = [];
  const analyzer = new Analyzer({ ...options, onEvents: eventsTo((event) => found.push(event)) });
  for (const packet of packets) analyzer.add(packet);
  analyzer.finish();
  return found;
}
