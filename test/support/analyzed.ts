// What the analyzer tells of a capture, without a tap: its events as objects.

import { Analyzer } from '../../src/analyzer/analyzer.js';
import type { AnalyzerOptions } from '../../src/analyzer/analyzer-options.js';
import { eventsTo } from './event-lines.js';
import { packetsOf } from './pcap-packets.js';

export type EveEvent = Record<string, unknown>;

/** All events of a classic pcap, in order. */
export function analyzed(path: string, options: Omit<AnalyzerOptions, 'onEvents'> = {}): EveEvent[] {
  const found: EveEvent[] = [];
  const analyzer = new Analyzer({ ...options, onEvents: eventsTo((event) => found.push(event)) });
  for (const packet of packetsOf(path)) analyzer.add(packet);
  analyzer.finish();
  return found;
}
