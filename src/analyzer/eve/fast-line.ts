// Alerts in one line each, as Suricata's fast.log has them:
// `01/31/2024-23:59:59.123456  [**] [1:2:3] message [**] [Classification: …] [Priority: 3] {TCP} a:1 -> b:2`.

import { NONE } from '../../index.js';
import type { Alert } from '../detect/detector.js';
import { destText, protocolText, sourceText } from '../flow/address-text.js';
import type { PacketFacts } from '../rules/packet-facts.js';
import { eveTime, type PacketTime } from './time.js';

/** The line, without its line break. */
export function fastLine({ rule, facts }: Alert, { sec, nsec }: PacketTime): string {
  const [date = '', time = ''] = eveTime(sec, nsec).replace('+0000', '').split('T');
  const [year, month, day] = date.split('-');
  const name = `[**] [${rule.gid}:${rule.sid}:${rule.rev}] ${rule.msg} [**]`;
  const kind = `[Classification: ${rule.category || '(null)'}] [Priority: ${rule.priority}]`;
  return `${month}/${day}/${year}-${time}  ${name} ${kind} ${endsText(facts)}`;
}

function endsText(facts: PacketFacts): string {
  if (facts.ipVersion === 0) return '{undefined} undefined:0 -> undefined:0';
  const from = numberOf(facts.srcPort, facts.icmpType);
  const to = numberOf(facts.dstPort, facts.icmpCode);
  return `{${protocolText(facts.protocol)}} ${sourceText(facts)}:${from} -> ${destText(facts)}:${to}`;
}

/** ICMP has types and codes in place of ports. */
function numberOf(port: number, ofIcmp: number): number {
  return port !== NONE ? port : ofIcmp !== NONE ? ofIcmp : 0;
}
