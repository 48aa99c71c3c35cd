// flowint: numbers that belong to a flow.

import { RuleProblem } from '../problem.js';
import type { FlowIntStep } from '../rule.js';
import { type Keywords, required } from './keyword.js';

const FORM = /^([a-z][\w./]+)\s*,\s*(\+|-|==?|!=|[<>]=?|isset|notset|isnotset)\s*(?:,\s*(\d{1,10}|[a-z]\w+))?$/i;
const MAX_VALUE = 0xffff_ffff;

/** flowint. */
export const FLOW_INTS: Keywords = {
  flowint: (draft, value, name) => {
    const [, variable, modifier, amount] = FORM.exec(required(value, name)) ?? [];
    if (variable === undefined || modifier === undefined) throw new RuleProblem(`flowint: ${value}`);
    draft.ints.push({ name: variable, command: commandOf(modifier), value: amountOf(modifier, amount) });
    draft.hasKeywords = true;
  },
};

function commandOf(modifier: string): FlowIntStep['command'] {
  return (modifier === 'notset' ? 'isnotset' : modifier) as FlowIntStep['command'];
}

function amountOf(modifier: string, amount: string | undefined): number | string {
  if (modifier.endsWith('set')) return 0;
  if (amount === undefined) throw new RuleProblem(`flowint: ${modifier} needs a value`);
  if (!/^\d/.test(amount)) return amount;
  if (Number(amount) > MAX_VALUE) throw new RuleProblem(`flowint: ${amount} is more than ${MAX_VALUE}`);
  return Number(amount);
}
