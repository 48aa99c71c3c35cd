// requires: what the program must be able to do for the rule to be of use. A rule whose wishes aren't met is left out.

import { RuleProblem } from '../problem.js';
import { type Keyword, required } from './keyword.js';

/** The version of Suricata whose language this is. */
const VERSION = [7, 0, 10];

const FEATURES = ['ja3', 'ja4'];

/** `keyword`: whether there is one of that name. */
export function requires(keyword: (name: string) => boolean): Keyword {
  return (_, value, name) => {
    for (const wish of required(value, name)
      .split(',')
      .map((part) => part.trim())) {
      const [, what, text = ''] = /^(\w+)\s*(.*)$/.exec(wish) ?? [];
      if (what === 'version')
        demand(isVersionMet(text), `version ${text}, and this is the language of ${VERSION.join('.')}`);
      else if (what === 'feature') demand(FEATURES.includes(text), `feature ${text}`);
      else if (what === 'keyword') demand(keyword(text), `keyword ${text}`);
      else throw new RuleProblem(`requires: ${wish}`);
    }
  };
}

function demand(isMet: boolean, wish: string): void {
  if (!isMet) throw new RuleProblem(`requires ${wish}`);
}

/** `>= 7.0.3 < 8 | >= 8.0.1`: one of the alternatives, all of its parts. */
function isVersionMet(text: string): boolean {
  return text.split('|').some((all) => {
    const parts = all.trim().match(/(?:[<>]=?)\s*[\d.]+/g);
    if (parts === null || parts.join('').replace(/\s/g, '') !== all.replace(/\s/g, ''))
      throw new RuleProblem(`requires: version ${text}`);
    return parts.every(isMet);
  });
}

function isMet(part: string): boolean {
  const [, operator, version = ''] = /^([<>]=?)\s*([\d.]+)$/.exec(part) ?? [];
  const wanted = version.split('.').map(Number);
  const order = VERSION.reduce((found, number, i) => found || number - (wanted[i] ?? 0), 0);
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}
