// Rules out of text: a line each, or several joined by a backslash at their ends; # begins a comment. A rule that can't be
// loaded is named with its place and the reason, and the others go on.

import { DEFAULT_SETTINGS, parseRule, type RuleSettings } from './parse-rule.js';
import { RuleProblem } from './problem.js';
import type { Rule } from './rule.js';

/** A rule that can't be loaded. */
export interface RuleRefusal {
  readonly file: string;
  readonly line: number;
  /** undefined: the rule doesn't say. */
  readonly sid: number | undefined;
  readonly reason: string;
}

/** What a file came to. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly refused: readonly RuleRefusal[];
}

/** The rules of a text. `file` is what they are said to come from. */
export function parseRules(text: string, file: string, settings: RuleSettings = DEFAULT_SETTINGS): RuleSet {
  const rules: Rule[] = [];
  const refused: RuleRefusal[] = [];
  for (const { line, text: rule } of logicalLines(text)) {
    try {
      rules.push(parseRule(rule, settings, { file, line }));
    } catch (error) {
      if (!(error instanceof RuleProblem)) throw error;
      refused.push({ file, line, sid: sidIn(rule), reason: error.message });
    }
  }
  return { rules, refused };
}

/** Several files' rules together. Of two with the same gid and sid the higher revision stays, else the first. */
export function joinRuleSets(sets: readonly RuleSet[]): RuleSet {
  const byId = new Map<string, Rule>();
  const refused = sets.flatMap((set) => set.refused);
  for (const rule of sets.flatMap((set) => set.rules)) {
    const id = `${rule.gid}:${rule.sid}`;
    const before = byId.get(id);
    if (before === undefined || rule.rev > before.rev) byId.set(id, rule);
    const loser = before === undefined ? undefined : rule.rev > before.rev ? before : rule;
    if (loser !== undefined)
      refused.push({ file: loser.file, line: loser.line, sid: loser.sid, reason: 'sid is taken by another rule' });
  }
  return { rules: [...byId.values()], refused };
}

function* logicalLines(text: string): Generator<{ line: number; text: string }> {
  let begun = '';
  let first = 0;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (begun === '') first = i + 1;
    begun += line.replace(/\\$/, '');
    if (line.endsWith('\\')) continue;
    const rule = begun.trim();
    begun = '';
    if (rule !== '' && !rule.startsWith('#')) yield { line: first, text: rule };
  }
}

function sidIn(rule: string): number | undefined {
  const match = /[;(]\s*sid\s*:\s*(\d+)/.exec(rule);
  return match === null ? undefined : Number(match[1]);
}
