// The bits that rules set and ask for: those of a flow live as long as it does, those of an address until they expire.
// Bounded: of too many addresses' bits the oldest is forgotten.

import type { PacketFacts } from '../rules/packet-facts.js';
import type { BitStep, Rule } from '../rules/rule.js';
import { addressKey } from './address-key.js';

const DEFAULT_MAX_HOST_BITS = 65_536;

/** All bits. */
export class Bits {
  readonly #maxHostBits: number;
  /** When each expires, in seconds since the Unix epoch. */
  readonly #hosts = new Map<string, number>();

  constructor(maxHostBits = DEFAULT_MAX_HOST_BITS) {
    this.#maxHostBits = maxHostBits;
  }

  /** Whether all that the rule asks of bits is so. */
  agree({ bits }: Rule, packet: PacketFacts, flowBits: ReadonlySet<string>): boolean {
    return bits.every((step) => {
      const isSet = () => step.names.some((name) => this.#has(step, name, packet, flowBits));
      if (step.command === 'isset') return isSet();
      return step.command !== 'isnotset' || !isSet();
    });
  }

  /** Carries out what the rule changes. */
  apply({ bits }: Rule, packet: PacketFacts, flowBits: Set<string>): void {
    for (const step of bits) {
      for (const name of step.names) {
        const wasSet = this.#has(step, name, packet, flowBits);
        if (step.command === 'set' || (step.command === 'toggle' && !wasSet)) this.#set(step, name, packet, flowBits);
        else if (step.command === 'unset' || step.command === 'toggle') this.#unset(step, name, packet, flowBits);
      }
    }
  }

  #has(step: BitStep, name: string, packet: PacketFacts, flowBits: ReadonlySet<string>): boolean {
    if (step.scope === 'flow') return flowBits.has(name);
    return (this.#hosts.get(hostKey(step, name, packet)) ?? Number.NEGATIVE_INFINITY) >= packet.sec;
  }

  #set(step: BitStep, name: string, packet: PacketFacts, flowBits: Set<string>): void {
    if (step.scope === 'flow') {
      flowBits.add(name);
      return;
    }
    if (this.#hosts.size >= this.#maxHostBits) this.#hosts.delete(this.#hosts.keys().next().value!);
    this.#hosts.set(hostKey(step, name, packet), packet.sec + step.expireSeconds);
  }

  #unset(step: BitStep, name: string, packet: PacketFacts, flowBits: Set<string>): void {
    if (step.scope === 'flow') flowBits.delete(name);
    else this.#hosts.delete(hostKey(step, name, packet));
  }
}

function hostKey({ scope }: BitStep, name: string, packet: PacketFacts): string {
  const source = addressKey(packet.ipVersion, (i) => packet.srcWord(i));
  const dest = addressKey(packet.ipVersion, (i) => packet.dstWord(i));
  if (scope === 'ip_src') return `${name} ${source}`;
  if (scope === 'ip_dst') return `${name} ${dest}`;
  return `${name} ${[source, dest].sort().join(' ')}`;
}
