// Whose of several analyzers a packet is. Packets that don't tell by their outer header which flow they are of come to all:
// fragments, ICMP errors, tunnels and what is no plain IP. Each looks into them, follows the flows that are its own, and
// counts and tells of the packet itself if its flow hash says so.

import { ADDRESS_WORDS, type FlowKey, hasPorts } from './flow-key.js';

/** The tap's own constants: docs/layout.md has the formula of the flow hash, and that of shares. */
const SHARE_FACTOR = 0x9e3779b1;
const PORT_FACTOR = 0x9e3779b1;
const FOLD_FACTOR = 0x01000193;

/** Analyzer number `index`, from 1, `of` so many. */
export class ShareOwner {
  readonly #index: number;
  readonly #of: number;

  constructor({ index, of }: { readonly index: number; readonly of: number }) {
    this.#index = index - 1;
    this.#of = of;
  }

  /** Whether a packet with this flow hash is ours. */
  ownsHash(flowHash: number): boolean {
    return Math.floor(((Math.imul(flowHash, SHARE_FACTOR) >>> 0) * this.#of) / 2 ** 32) === this.#index;
  }

  /** Whether a flow is ours: that of the key, whatever lies around its packets. */
  ownsFlow(key: FlowKey): boolean {
    return this.ownsHash(flowHashOf(key));
  }
}

/** What the tap's flow hash is for a packet of the flow that nothing lies around. */
export function flowHashOf(key: FlowKey): number {
  const ports = hasPorts(key.protocol);
  const source = endHash(key, 0, ports ? key.srcPort : 0);
  const dest = endHash(key, ADDRESS_WORDS, ports ? key.dstPort : 0);
  return mix((source + dest + key.protocol) | 0) >>> 0 || 1;
}

function endHash({ addresses, addressWords }: FlowKey, at: number, port: number): number {
  let folded = addresses[at]!;
  for (let i = 1; i < addressWords; i++) folded = Math.imul(folded, FOLD_FACTOR) ^ addresses[at + i]!;
  return mix(folded ^ Math.imul(port, PORT_FACTOR));
}

/** The finaliser of MurmurHash3 (public domain). */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
