// Conditions on a number as rules write them: `5`, `<5`, `>=5`, `!5`, `5<>10` and `5-10` (both without their ends).

import { RuleProblem } from './problem.js';

/** A condition on a number. */
export type NumberTest = (value: number) => boolean;

const RANGE = /^(\d+)\s*(?:<>|-)\s*(\d+)$/;
const COMPARED = /^(<=|>=|!=|<|>|!|=)?\s*(0x[0-9a-f]+|\d+)$/i;

/** Throws a RuleProblem if the text is no such condition. */
export function parseNumberTest(text: string): NumberTest {
  const range = RANGE.exec(text.trim());
  if (range !== null) {
    const [first, last] = [Number(range[1]), Number(range[2])];
    if (first >= last) throw new RuleProblem(`${text}: the range is empty`);
    return (value) => value > first && value < last;
  }
  const compared = COMPARED.exec(text.trim());
  if (compared === null) throw new RuleProblem(`${text}: no condition on a number`);
  return comparison(compared[1] ?? '=', Number(compared[2]));
}

function comparison(operator: string, than: number): NumberTest {
  switch (operator) {
    case '<':
      return (value) => value < than;
    case '>':
      return (value) => value > than;
    case '<=':
      return (value) => value <= than;
    case '>=':
      return (value) => value >= than;
    case '=':
      return (value) => value === than;
    default:
      return (value) => value !== than;
  }
}
