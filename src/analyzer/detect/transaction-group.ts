// The rules that look at transactions of one protocol in one direction, by the buffers in which their patterns may lie.

import { comesWhole, isBody, isOfTransaction } from '../rules/buffers.js';
import type { Rule } from '../rules/rule.js';
import type { Chain } from '../rules/steps.js';
import { endOf, fastPattern } from './fast-pattern.js';
import type { Pattern } from './pattern.js';
import { PatternFinder } from './pattern-finder.js';

/** A buffer, made alike for all rules that look into it, and what they look for first. */
export interface BufferGroup {
  readonly chain: Chain;
  readonly patterns: PatternFinder;
  /** All of it is there as soon as anything is. */
  readonly comesWhole: boolean;
  /** It grows at its end, unless the transaction says otherwise. */
  readonly isBody: boolean;
}

/** Made once. */
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
      group.patterns.push({ bytes: pattern.step.bytes, id: index, endBefore: endOf(pattern.step) });
      byBuffer.set(key, group);
    }
    this.buffers = [...byBuffer.values()].map(({ chain, patterns }) => ({
      chain,
      patterns: new PatternFinder(patterns),
      comesWhole: comesWhole(chain.buffer),
      isBody: isBody(chain.buffer) && chain.transforms.length === 0,
    }));
    this.always = always;
  }
}

/** Equal for chains that look at the same bytes. */
function chainKey({ buffer, transforms }: Chain): string {
  return [buffer, ...transforms.map(({ id }) => id)].join(' ');
}
