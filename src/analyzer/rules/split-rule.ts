// A rule's text in its parts: `action protocol source ports direction destination ports (keyword:value; keyword; …)`.

import { RuleProblem } from './problem.js';

/** A rule that is not yet understood. */
export interface RuleText {
  /** The seven words before the parenthesis. */
  readonly header: readonly string[];
  /** Keywords in order, with their values as they stand; undefined: it has none. */
  readonly options: readonly (readonly [keyword: string, value: string | undefined])[];
}

const HEADER_WORDS = 7;

/** Throws a RuleProblem if the text has not the form of a rule. */
export function splitRule(text: string): RuleText {
  const open = text.indexOf('(');
  if (open < 0 || !text.trimEnd().endsWith(')')) throw new RuleProblem('no options in parentheses');
  const header = headerWords(text.slice(0, open));
  if (header.length !== HEADER_WORDS) throw new RuleProblem(`a header of ${header.length} words, not ${HEADER_WORDS}`);
  return { header, options: optionsOf(text.slice(open + 1, text.lastIndexOf(')'))) };
}

/** Blanks within brackets don't end a word. */
function headerWords(text: string): string[] {
  let depth = 0;
  let words = '';
  for (const char of text) {
    if (char === '[') depth++;
    if (char === ']') depth--;
    if (depth === 0 || char.trim() !== '') words += char;
  }
  return words.trim().split(/\s+/);
}

/** A semicolon ends an option, in quotes, too, unless a backslash stands before it. */
function optionsOf(text: string): [string, string | undefined][] {
  const options = text.match(/(?:\\[\s\S]|[^;\\])+/g) ?? [];
  return options
    .map((option) => option.trim())
    .filter((option) => option !== '')
    .map((option) => {
      const colon = option.indexOf(':');
      if (colon < 0) return [option, undefined];
      return [option.slice(0, colon).trim(), option.slice(colon + 1).trim()];
    });
}
