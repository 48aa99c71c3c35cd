// The order in which rules are tried on the same packet: pass before all that report, those that set bits before those that
// ask for them, the urgent before the others, and then as they were read.

import type { Rule } from '../rules/rule.js';

const ACTIONS = ['pass', 'drop', 'reject', 'alert'];

/** A new list. */
export function inOrder(rules: readonly Rule[]): Rule[] {
  return [...rules].sort((a, b) => actionRank(a) - actionRank(b) || bitRank(a) - bitRank(b) || a.priority - b.priority);
}

function actionRank({ action }: Rule): number {
  return ACTIONS.indexOf(action);
}

/** Sets only, sets and asks, asks only, neither. */
function bitRank({ bits }: Rule): number {
  const asks = bits.some(({ command }) => command === 'isset' || command === 'isnotset');
  const sets = bits.some(({ command }) => command !== 'isset' && command !== 'isnotset');
  if (sets) return asks ? 1 : 0;
  return asks ? 2 : 3;
}
