// What rules find in packets: the analyzer with rules, from frames to alerts.

import { expect } from 'vitest';
import { Analyzer } from '../../src/analyzer/analyzer.js';
import { DEFAULT_SETTINGS, type RuleSettings } from '../../src/analyzer/rules/parse-rule.js';
import { parseRules } from '../../src/analyzer/rules/rule-file.js';
import { makePacket } from '../../src/packet/packet-view.js';
import { concat, ethernet, ipv4, tcp } from './frames.js';
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
  const onEvent = (line: string) => {
    const event = JSON.parse(line) as { event_type: string; alert: { signature_id: number } };
    if (event.event_type === 'alert') sids.push(event.alert.signature_id);
  };
  const analyzer = new Analyzer({ onEvent, inspection: { rules } });
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

/** What is said over a TCP connection from 10.0.0.1:1234 to 10.0.0.2:80, in order, with its handshake and its end. */
export function connection(said: readonly (readonly ['>' | '<', string | Uint8Array])[]): Uint8Array[] {
  const next = { '>': 100, '<': 500 };
  const frames = [segment('>', 0x02, 99, 0), segment('<', 0x12, 499, 100), segment('>', 0x10, 100, 500)];
  for (const [who, what] of said) {
    const bytes = typeof what === 'string' ? Uint8Array.from(Buffer.from(what, 'latin1')) : what;
    const other = who === '>' ? '<' : '>';
    frames.push(segment(who, 0x18, next[who], next[other], bytes));
    next[who] += bytes.length;
    frames.push(segment(other, 0x10, next[other], next[who]));
  }
  frames.push(segment('>', 0x11, next['>'], next['<']), segment('<', 0x11, next['<'], next['>'] + 1));
  return [...frames, segment('>', 0x10, next['>'] + 1, next['<'] + 1)];
}

function segment(who: '>' | '<', flags: number, seq: number, ack: number, payload?: Uint8Array): Uint8Array {
  const isClient = who === '>';
  const ports = isClient ? { srcPort: 1234, dstPort: 80 } : { srcPort: 80, dstPort: 1234 };
  const ends = isClient ? {} : { src: '10.0.0.2', dst: '10.0.0.1' };
  return concat(ethernet(0x0800), ipv4(tcp({ ...ports, flags, seq, ack }, payload), ends));
}
