// Character classes of PCRE: `[a-z\d[:alpha:]]`, spelt so that JavaScript reads the same set of bytes.

import { classEscape } from './pcre-escape.js';
import { RuleProblem } from './problem.js';

const POSIX: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: '0-9A-Za-z',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\t-\\r ',
  blank: '\\t ',
  punct: '!-\\/:-@\\[-`{-~',
  cntrl: '\\x00-\\x1f\\x7f',
  graph: '!-~',
  print: ' -~',
  xdigit: '0-9A-Fa-f',
  word: '0-9A-Za-z_',
};

/** The class that begins at `at`, and where it ends. Throws a RuleProblem. */
export function translateClass(pattern: string, at: number, ignoreCase: boolean): { source: string; end: number } {
  const negated = pattern[at + 1] === '^';
  let i = at + (negated ? 2 : 1);
  const first = i;
  let source = '';
  while (i < pattern.length && (pattern[i] !== ']' || i === first)) {
    const item = classItem(pattern, i);
    source += item.source;
    i = item.end;
  }
  if (i >= pattern.length) throw new RuleProblem('pcre: a class without its ]');
  return { source: `[${negated ? '^' : ''}${ignoreCase ? withBothCases(source) : source}]`, end: i + 1 };
}

function classItem(pattern: string, at: number): { source: string; end: number } {
  const char = pattern[at]!;
  const posix = /^\[:(\^?)(\w+):\]/.exec(pattern.slice(at));
  if (posix !== null) {
    const source = POSIX[posix[2]!];
    if (source === undefined || posix[1] === '^') throw new RuleProblem(`pcre: ${posix[0]} has no equal here`);
    return { source, end: at + posix[0].length };
  }
  if (char === '\\') return classEscape(pattern, at);
  return { source: char === '[' || char === ']' ? `\\${char}` : char, end: at + 1 };
}

/** Adds the other case of each letter and of each range that holds letters. */
function withBothCases(source: string): string {
  const others = new Set<string>();
  for (const [, from, to] of source.matchAll(/(?:\\x[0-9a-f]{2}|\\[\s\S]|([^\\]))(?:-(?:\\[\s\S]|([^\\])))?/gi)) {
    const first = from?.charCodeAt(0);
    const last = (to ?? from)?.charCodeAt(0);
    if (first === undefined || last === undefined) continue;
    for (let code = first; code <= last; code++) {
      const char = String.fromCharCode(code);
      if (/[a-z]/.test(char)) others.add(char.toUpperCase());
      else if (/[A-Z]/.test(char)) others.add(char.toLowerCase());
    }
  }
  return source + [...others].filter((char) => !source.includes(char) || source.includes('-')).join('');
}
