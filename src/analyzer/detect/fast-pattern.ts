// Which content of a rule is looked for first.

import { PAYLOAD } from '../rules/draft.js';
import type { Rule } from '../rules/rule.js';
import type { Chain, ContentStep } from '../rules/steps.js';

/** A rule is in many groups. */
const ofPayload = new WeakMap<Rule, ContentStep | null>();

/** What is looked for first of a rule in payloads; null: nothing. */
export function payloadPattern(rule: Rule): ContentStep | null {
  const known = ofPayload.get(rule);
  if (known !== undefined) return known;
  const step = fastPattern(rule.chains.filter(({ buffer }) => buffer === PAYLOAD))?.step ?? null;
  ofPayload.set(rule, step);
  return step;
}

/** The content that the rule names, or its longest. Those that must not be there find nothing. */
export function fastPattern(chains: readonly Chain[]): { chain: Chain; step: ContentStep } | undefined {
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

/** Up to which offset it must have ended; infinite: wherever, or by what only a match of the rest tells. */
export function endOf({ offset = 0, depth }: ContentStep): number {
  return typeof depth === 'number' && typeof offset === 'number' ? offset + depth : Number.POSITIVE_INFINITY;
}
