// What a keyword of the language does to the rule that is being read.

import type { Draft } from '../draft.js';
import { RuleProblem } from '../problem.js';

/** Called for each use, in order. Throws a RuleProblem if the value can't be understood. */
export type Keyword = (draft: Draft, value: string | undefined, name: string) => void;

/** Keywords by name. */
export type Keywords = Readonly<Record<string, Keyword>>;

/** The value of a keyword that must have one. */
export function required(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw new RuleProblem(`${name} needs a value`);
  return value;
}

/** A whole number, 0 or more. */
export function wholeNumber(value: string | undefined, name: string): number {
  if (value === undefined || !/^\d{1,15}$/.test(value.trim()))
    throw new RuleProblem(`${name}: ${value ?? ''} is no whole number`);
  return Number(value);
}

/** Without the quotes that some values may have. */
export function bare(value: string): string {
  return value.replace(/^"([\s\S]*)"$/, '$1').trim();
}
