// Which rules may match what: by transport and direction, and by the one content of each that is looked for first, all of
// a group's at once. A rule without such a content is found by its port, or else tried always. What is given here may
// match; the detector looks at each closely.

import { isOfTransaction } from '../rules/buffers.js';
import { PAYLOAD } from '../rules/draft.js';
import type { Rule } from '../rules/rule.js';
import type { Chain, ContentStep } from '../rules/steps.js';
import type { Candidates } from './candidates.js';
import type { Pattern } from './pattern.js';
import { PatternFinder } from './pattern-finder.js';

/** A rule for more ports than this one is tried whatever the port. */
const MAX_LISTED_PORTS = 64;

/** The rules that look at packets of one transport in one direction. */
export class PacketGroup {
  readonly #payload: PatternFinder;
  readonly #always: readonly number[];
  readonly #byPort = new Map<number, number[]>();

  constructor(rules: readonly Rule[], indices: readonly number[]) {
    const patterns: Pattern[] = [];
    const always: number[] = [];
    for (const index of indices) {
      const rule = rules[index]!;
      const pattern = fastPattern(rule.chains.filter(({ buffer }) => buffer === PAYLOAD));
      const ports = rule.header.bothWays ? undefined : rule.header.destPorts.list(MAX_LISTED_PORTS);
      if (pattern !== undefined) patterns.push({ bytes: pattern.step.bytes, id: index });
      else if (ports === undefined) always.push(index);
      else for (const port of ports) this.#atPort(port).push(index);
    }
    this.#payload = new PatternFinder(patterns);
    this.#always = always;
  }

  /** Adds the rules that these bytes, and this port, may match. */
  find(bytes: Uint8Array, destPort: number, found: Candidates): void {
    found.addAll(this.#always);
    const here = this.#byPort.get(destPort);
    if (here !== undefined) found.addAll(here);
    if (bytes.length > 0) this.#payload.find(bytes, found);
  }

  #atPort(port: number): number[] {
    const list = this.#byPort.get(port) ?? [];
    this.#byPort.set(port, list);
    return list;
  }
}

/** A buffer, made alike for all rules that look into it, and what they look for first. */
export interface BufferGroup {
  readonly chain: Chain;
  readonly patterns: PatternFinder;
}

/** The rules that look at transactions of one protocol in one direction. */
export class TransactionGroup {
  readonly buffers: readonly BufferGroup[];
  /** Those without a content to look for first. */
  readonly always: readonly number[];

  constructor(rules: readonly Rule[], indices: readonly number[]) {
    const byBuffer = new Map<string, { chain: Chain; patterns: Pattern[] }>();
    const always: number[] = [];
    for (const index of indices) {
      const pattern = fastPattern(rules[index]!.chains.filter(({ buffer }) => isOfTransaction(buffer)));
      if (pattern === undefined) {
        always.push(index);
        continue;
      }
      const key = chainKey(pattern.chain);
      const group = byBuffer.get(key) ?? { chain: pattern.chain, patterns: [] };
      group.patterns.push({ bytes: pattern.step.bytes, id: index });
      byBuffer.set(key, group);
    }
    this.buffers = [...byBuffer.values()].map(({ chain, patterns }) => ({
      chain,
      patterns: new PatternFinder(patterns),
    }));
    this.always = always;
  }
}

/** Equal for chains that look at the same bytes. */
function chainKey({ buffer, transforms }: Chain): string {
  return [buffer, ...transforms.map(({ id }) => id)].join(' ');
}

/** The content that the rule names, or its longest. Those that must not be there find nothing. */
function fastPattern(chains: readonly Chain[]): { chain: Chain; step: ContentStep } | undefined {
  const all = chains.flatMap((chain) =>
    chain.steps
      .filter((step) => step.kind === 'content')
      .filter((step) => !step.negated)
      .map((step) => ({ chain, step })),
  );
  const longest = all.reduce<(typeof all)[number] | undefined>(
    (best, one) => (best === undefined || one.step.bytes.length > best.step.bytes.length ? one : best),
    undefined,
  );
  return all.find(({ step }) => step.fastPattern) ?? longest;
}
