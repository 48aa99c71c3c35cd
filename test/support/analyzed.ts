// What the analyzer tells of a capture, without a tap: its events as objects.

import { Analyzer } from '../../src/analyzer/analyzer.js';
import type { AnalyzerOptions } from '../../src/analyzer/analyzer-options.js';
import { packetsOf } from './pcap-packets.js';

export type EveEvent = Record<string, unknown>;

/** All events of a classic pcap, in order. */
export function analyzed(path: string, options: Omit<AnalyzerOptions, 'onEvent'> = {}): EveEvent[] {
  const events: EveEvent[] = [];
  const analyzer = new Analyzer({ ...options, onEvent: (line) => events.push(JSON.parse(line) as EveEvent) });
  for (const packet of packetsOf(path)) analyzer.add(packet);
  analyzer.finish();
  return events;
}
