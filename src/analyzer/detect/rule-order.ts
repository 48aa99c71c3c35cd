// The order in which rules are tried on the same packet: pass before all that report, those that set bits before those that
// ask for them (numbers of a flow likewise), the urgent before the others, and then as they were read.

import type { Rule } from '../rules/rule.js';
import { changes } from './flow-ints.js';

const ACTIONS = ['pass', 'drop', 'reject', 'alert'];

/** A new list. */
export function inOrder(rules: readonly Rule[]): Rule[] {
  const ranks = [actionRank, bitRank, intRank, ({ priority }: Rule) => priority];
  return [...rules].sort((a, b) => ranks.reduce((order, rank) => order || rank(a) - rank(b), 0));
}

function actionRank({ action }: Rule): number {
  return ACTIONS.indexOf(action);
}

function intRank({ ints }: Rule): number {
  return stateRank(!ints.every(changes), ints.some(changes));
}

function bitRank({ bits }: Rule): number {
  const asks = bits.some(({ command }) => command === 'isset' || command === 'isnotset');
  const sets = bits.some(({ command }) => command !== 'isset' && command !== 'isnotset');
  return stateRank(asks, sets);
}

/** Sets only, sets and asks, asks only, neither. */
function stateRank(asks: boolean, sets: boolean): number {
  if (sets) return asks ? 1 : 0;
  return asks ? 2 : 3;
}
