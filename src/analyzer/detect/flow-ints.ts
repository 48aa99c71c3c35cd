// The numbers of one flow that rules count with. 32 bits, without a sign: below 0 they begin again at the top.

import type { FlowIntStep, Rule } from '../rules/rule.js';

/** By name; what is not in it was never set. */
export type FlowInts = Map<string, number>;

const NOTHING: ReadonlyMap<string, number> = new Map();

/** Whether all that the rule asks of the numbers is so. */
export function intsAgree({ ints }: Rule, flowInts: ReadonlyMap<string, number> = NOTHING): boolean {
  return ints.every((step) => changes(step) || holds(step, flowInts));
}

/** Carries out what the rule changes. */
export function applyInts({ ints }: Rule, flowInts: FlowInts): void {
  for (const step of ints) {
    const value = amountOf(step, flowInts);
    if (!changes(step) || value === undefined) continue;
    const before = flowInts.get(step.name);
    if (step.command === '=') flowInts.set(step.name, value);
    else if (step.command === '+') flowInts.set(step.name, ((before ?? 0) + value) >>> 0);
    else if (before !== undefined) flowInts.set(step.name, (before - value) >>> 0);
  }
}

/** Whether the step changes a number, instead of asking for it. */
export function changes({ command }: FlowIntStep): boolean {
  return command === '=' || command === '+' || command === '-';
}

function holds(step: FlowIntStep, flowInts: ReadonlyMap<string, number>): boolean {
  const found = flowInts.get(step.name);
  if (step.command === 'isset') return found !== undefined;
  if (step.command === 'isnotset') return found === undefined;
  const value = amountOf(step, flowInts);
  return found !== undefined && value !== undefined && compare(found, step.command, value);
}

function amountOf({ value }: FlowIntStep, flowInts: ReadonlyMap<string, number>): number | undefined {
  return typeof value === 'number' ? value : flowInts.get(value);
}

function compare(found: number, command: FlowIntStep['command'], value: number): boolean {
  switch (command) {
    case '<':
      return found < value;
    case '>':
      return found > value;
    case '<=':
      return found <= value;
    case '>=':
      return found >= value;
    case '!=':
      return found !== value;
    default:
      return found === value;
  }
}
