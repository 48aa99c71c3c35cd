// Whether one rule matches, given what is looked at: its header, its conditions on the packet, its chains.

import type { Transaction } from '../app/app-types.js';
import { BUFFERS, isOfTransaction } from '../rules/buffers.js';
import { PAYLOAD } from '../rules/draft.js';
import { type HeaderName, hasPayload, type PacketFacts } from '../rules/packet-facts.js';
import type { Rule, RuleHeader } from '../rules/rule.js';
import type { Chain } from '../rules/steps.js';
import { matchSteps, type Values } from './chain-match.js';

/** Those of the rule that is tried. */
const values: Values = new Map();

/** Everything but what flows and addresses remember. `tx`: the transaction that is looked at, if one is. */
export function matchesRule(rule: Rule, packet: PacketFacts, tx?: Transaction): boolean {
  if (!fitsHeader(rule.header, packet)) return false;
  if (rule.direction !== undefined && (packet.flow < 0 || packet.direction !== rule.direction)) return false;
  for (const test of rule.tests) if (!test(packet)) return false;
  if (tx !== undefined && !numbersFit(rule, packet, tx)) return false;
  if (values.size > 0) values.clear();
  for (const chain of rule.chains) if (!matchesChain(chain, packet, tx)) return false;
  return true;
}

function numbersFit({ numbers }: Rule, packet: PacketFacts, tx: Transaction): boolean {
  return numbers.every(({ name, test }) => {
    const value = tx.number(name, packet.direction);
    return value !== undefined && test(value, packet);
  });
}

function matchesChain(chain: Chain, packet: PacketFacts, tx: Transaction | undefined): boolean {
  if (chain.buffer === PAYLOAD)
    return hasPayload(packet) && matchSteps(chain.steps, packet.payload, values, packet.streamOffset);
  if (!isOfTransaction(chain.buffer)) return matchesHeader(chain, packet);
  if (tx === undefined) return false;
  return buffersOf(chain, tx, packet.direction).some((bytes) => matchSteps(chain.steps, bytes, values));
}

function matchesHeader(chain: Chain, packet: PacketFacts): boolean {
  const bytes = packet.header(chain.buffer as HeaderName);
  return bytes !== undefined && matchSteps(chain.steps, transformed(chain, bytes), values);
}

/** The buffer as the chain sees it. One that comes in the other direction only is looked at there. */
function buffersOf(chain: Chain, tx: Transaction, direction: number): readonly Uint8Array[] {
  const buffers = tx.buffers(chain.buffer, BUFFERS[chain.buffer]?.direction ?? direction);
  return chain.transforms.length === 0 ? buffers : buffers.map((bytes) => transformed(chain, bytes));
}

/** The bytes as the chain sees them. */
export function transformed({ transforms }: Chain, bytes: Uint8Array): Uint8Array {
  if (transforms.length === 0) return bytes;
  return transforms.reduce((changed, { apply }) => apply(changed), bytes);
}

function fitsHeader(header: RuleHeader, packet: PacketFacts): boolean {
  if (!header.carries(packet.ipVersion, packet.protocol)) return false;
  if (header.appProtocol !== undefined && header.appProtocol !== packet.appProtocol) return false;
  return goes(header, packet, false) || (header.bothWays && goes(header, packet, true));
}

function goes(header: RuleHeader, packet: PacketFacts, turned: boolean): boolean {
  const { ipVersion, srcPort, dstPort } = packet;
  const ports = Math.max(turned ? dstPort : srcPort, 0);
  if (!header.sourcePorts.has(ports) || !header.destPorts.has(Math.max(turned ? srcPort : dstPort, 0))) return false;
  if (header.source.isAny && header.dest.isAny) return true;
  const source = (i: number) => packet.srcWord(i);
  const dest = (i: number) => packet.dstWord(i);
  return header.source.has(ipVersion, turned ? dest : source) && header.dest.has(ipVersion, turned ? source : dest);
}
