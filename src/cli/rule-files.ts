// The files of `-S` as rules: read, counted, and what can't be loaded told.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Classes, DEFAULT_CLASSES, parseClasses } from '../analyzer/rules/classification.js';
import type { Rule } from '../analyzer/rules/rule.js';
import { joinRuleSets, parseRules, type RuleRefusal } from '../analyzer/rules/rule-file.js';
import { TapError } from '../errors.js';
import { datasets } from './dataset-files.js';
import { onReloadSignal } from './signals.js';
import { counted } from './text.js';

/** The options about rules, as given. */
export interface RuleFlags {
  readonly rules?: string[];
  readonly set?: string[];
  readonly classification?: string;
}

/** So many refusals are told one by one. */
const MAX_TOLD = 20;

/** The rules of all files, in order. Throws ERR_TAP_NO_FILE; a rule that can't be loaded is given to `onRefusal`. */
export function loadRules(flags: RuleFlags, onRefusal: (refusal: RuleRefusal) => void): readonly Rule[] {
  const variables = Object.fromEntries((flags.set ?? []).map(assignment));
  const settings = { variables, classes: classesOf(flags), datasets };
  const files = (flags.rules ?? []).flatMap(filesOf).map((path) => ({ path, text: readText(path) }));
  datasets.beginAnew();
  const { rules, refused } = joinRuleSets(files.map(({ path, text }) => parseRules(text, path, settings)));
  for (const refusal of refused) onRefusal(refusal);
  return rules;
}

/** Loads as {@link loadRules} does, and says on standard error what came of it. */
export function loadAndTell(flags: RuleFlags, isQuiet: boolean): readonly Rule[] {
  const refused: RuleRefusal[] = [];
  const rules = loadRules(flags, (refusal) => refused.push(refusal));
  const lines = refused.slice(0, MAX_TOLD).map(({ file, line, sid, reason }) => {
    return `pkttap: ${file}:${line}: rule${sid === undefined ? '' : ` ${sid}`} is left out: ${reason}`;
  });
  if (refused.length > MAX_TOLD) lines.push(`pkttap: … and ${refused.length - MAX_TOLD} more`);
  if (!isQuiet) lines.push(`pkttap: ${counted(rules.length, 'rule')} loaded, ${refused.length} left out`);
  if (lines.length > 0) process.stderr.write(`${lines.join('\n')}\n`);
  return rules;
}

/** SIGUSR2 loads the rules anew from now on. Files that can't be read then leave them as they are. */
export function onRulesReload(
  flags: RuleFlags & { readonly quiet?: true },
  use: (rules: readonly Rule[]) => void,
): void {
  onReloadSignal(() => {
    try {
      use(loadAndTell(flags, flags.quiet === true));
    } catch (error) {
      process.stderr.write(`pkttap: the rules stay as they were: ${(error as Error).message}\n`);
    }
  });
}

/** `NAME=VALUE`; checked when it was parsed. */
function assignment(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

function classesOf({ classification }: RuleFlags): Classes {
  if (classification === undefined) return DEFAULT_CLASSES;
  return new Map([...DEFAULT_CLASSES, ...parseClasses(readText(classification))]);
}

/** The file itself, or all that a pattern with * and ? in its last part fits, by name. */
function filesOf(path: string): string[] {
  const pattern = basename(path);
  if (!/[*?]/.test(pattern)) return [path];
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  const folder = dirname(path);
  const names = attempt(folder, () => readdirSync(folder)).filter((name) => expression.test(name));
  if (names.length === 0) throw new TapError('ERR_TAP_NO_FILE', `no file of rules fits: path=${path}`, { path });
  return names.sort().map((name) => join(folder, name));
}

function readText(path: string): string {
  return attempt(path, () => readFileSync(path, 'utf8'));
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { code: errno = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new TapError('ERR_TAP_NO_FILE', `can't read rules: ${errno}: path=${path}`, { path, errno, cause });
  }
}
