// What rules find in packets: the analyzer with rules, from frames to alerts.

import { expect } from 'vitest';
import { Analyzer } from '../../src/analyzer/analyzer.js';
import { DEFAULT_SETTINGS, type RuleSettings } from '../../src/analyzer/rules/parse-rule.js';
import { parseRules } from '../../src/analyzer/rules/rule-file.js';
import { makePacket } from '../../src/packet/packet-view.js';
import { eventsTo } from './event-lines.js';
import { makeInterface } from './packets.js';

const BASE_NS = 1_700_000_000_000_000_000n;
const MILLISECOND_NS = 1_000_000n;

/** The sids of all alerts, in order. Packets are a millisecond apart; every rule must load. */
export function sidsOf(
  lines: string,
  frames: readonly Uint8Array[],
  settings: RuleSettings = DEFAULT_SETTINGS,
): number[] {
  const { rules, refused } = parseRules(lines, 'x.rules', settings);
  expect(refused).toEqual([]);
  const sids: number[] = [];
  const onEvents = eventsTo<{ event_type: string; alert: { signature_id: number } }>(({ event_type, alert }) => {
    if (event_type === 'alert') sids.push(alert.signature_id);
  });
  const analyzer = new Analyzer({ onEvents, inspection: { rules } });
  const from = makeInterface();
  for (const [i, data] of frames.entries())
    analyzer.add(makePacket({ data, tsNs: BASE_NS + BigInt(i) * MILLISECOND_NS, interface: from }));
  analyzer.finish();
  return sids;
}

/** Why a rule with these options is left out; undefined: it isn't. */
export function refusalOf(options: string, protocol = 'tcp'): string | undefined {
  return parseRules(`alert ${protocol} any any -> any any (${options} sid:1;)`, 'x.rules').refused[0]?.reason;
}
