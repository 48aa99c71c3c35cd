// The bits that rules set and ask for: those of a flow live as long as it does, those of an address until they expire, in a
// table that may be several analyzers'.

import { createHash } from 'node:crypto';
import type { PacketFacts } from '../rules/packet-facts.js';
import type { BitStep, Rule } from '../rules/rule.js';
import type { AddressTable } from '../state/address-table.js';
import { type KeyAddresses, TableKey } from '../state/table-key.js';

type HostScope = Exclude<BitStep['scope'], 'flow'>;

const ADDRESSES: Readonly<Record<HostScope, KeyAddresses>> = { ip_src: 'source', ip_dst: 'dest', ip_pair: 'either' };
/** A bit of an address is the same whether that is a packet's source or its destination. */
const KINDS: Readonly<Record<HostScope, number>> = { ip_src: 0, ip_dst: 0, ip_pair: 1 };

/** All bits. */
export class Bits {
  readonly #hosts: AddressTable;
  readonly #key = new TableKey();
  readonly #names = new Map<string, readonly [number, number]>();

  constructor(hosts: AddressTable) {
    this.#hosts = hosts;
  }

  /** Whether all that the rule asks of bits is so. */
  agree({ bits }: Rule, packet: PacketFacts, flowBits: ReadonlySet<string>): boolean {
    return bits.every((step) => {
      // A packet of no flow has no bits, set or not.
      if (step.scope === 'flow' && packet.flow < 0) return step.command !== 'isset' && step.command !== 'isnotset';
      const isSet = () => step.names.some((name) => this.#has(step, name, packet, flowBits));
      if (step.command === 'isset') return isSet();
      return step.command !== 'isnotset' || !isSet();
    });
  }

  /** Carries out what the rule changes. */
  apply({ bits }: Rule, packet: PacketFacts, flowBits: Set<string>): void {
    for (const step of bits) {
      if (step.command === 'isset' || step.command === 'isnotset') continue;
      for (const name of step.names) {
        if (step.scope === 'flow') changeOfFlow(step.command, name, flowBits);
        else this.#changeOfHost(step, name, packet);
      }
    }
  }

  #has(step: BitStep, name: string, packet: PacketFacts, flowBits: ReadonlySet<string>): boolean {
    if (step.scope === 'flow') return flowBits.has(name);
    const key = this.#keyOf(step.scope, name, packet);
    return this.#hosts.use(() => this.#isSet(key, packet.sec));
  }

  #changeOfHost({ scope, command, expireSeconds }: BitStep, name: string, packet: PacketFacts): void {
    if (scope === 'flow') return;
    const key = this.#keyOf(scope, name, packet);
    this.#hosts.use(() => {
      const isToggledOff = command === 'toggle' && this.#isSet(key, packet.sec);
      if (command === 'unset' || isToggledOff) this.#hosts.remove(key);
      else (this.#hosts.find(key) ?? this.#hosts.add(key, packet.sec)).untilSec = packet.sec + expireSeconds;
    });
  }

  #isSet(key: Uint32Array, nowSec: number): boolean {
    return (this.#hosts.find(key)?.untilSec ?? Number.NEGATIVE_INFINITY) >= nowSec;
  }

  #keyOf(scope: HostScope, name: string, packet: PacketFacts): Uint32Array {
    const known = this.#names.get(name);
    const words = known ?? wordsOf(name);
    if (known === undefined) this.#names.set(name, words);
    return this.#key.fill(packet, ADDRESSES[scope], words, KINDS[scope]);
  }
}

function changeOfFlow(command: BitStep['command'], name: string, flowBits: Set<string>): void {
  if (command === 'unset' || (command === 'toggle' && flowBits.has(name))) flowBits.delete(name);
  else flowBits.add(name);
}

/** 64 bits that stand for a name, so that all threads have the same without asking each other. */
function wordsOf(name: string): readonly [number, number] {
  const digest = createHash('sha256').update(name).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}
