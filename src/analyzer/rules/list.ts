// Lists of a rule's header: `[a,!b,[c,d],$NAME]`. A list has what any of its items has, less what an item with `!` has. Where
// there is nothing but `!`, they are taken from everything of their kind: not 10.0.0.0/8 is the rest of IPv4, and nothing of
// IPv6, as in Suricata.

import { difference, type Interval, type Intervals, overlaps, union } from './intervals.js';
import { RuleProblem } from './problem.js';

/** What the items of a list mean. */
export interface ListMeaning {
  /** Disjoint kinds of numbers, which together are `any`. */
  readonly kinds: readonly Interval[];
  /** An item that is neither a list nor a variable. Throws a RuleProblem. */
  item(text: string): Intervals;
  /** What a variable stands for. Throws a RuleProblem if there is none. */
  variable(name: string): string;
}

/** Variables may refer to others; one that comes back to itself goes deeper than this. */
const MAX_DEPTH = 16;

/** The numbers that the list stands for. Throws a RuleProblem. */
export function parseList(text: string, meaning: ListMeaning, depth = 0): Intervals {
  if (depth > MAX_DEPTH) throw new RuleProblem(`${text}: lists or variables too deep in each other`);
  if (text === 'any') return union(meaning.kinds);
  if (text.startsWith('!')) return parseItems([text], meaning, depth);
  if (text.startsWith('$')) return parseList(meaning.variable(text.slice(1)), meaning, depth + 1);
  if (text.startsWith('[') && text.endsWith(']')) return parseItems(itemsOf(text), meaning, depth);
  return meaning.item(text);
}

function parseItems(items: readonly string[], meaning: ListMeaning, depth: number): Intervals {
  const parse = (item: string) => parseList(item, meaning, depth + 1);
  const wanted = items.filter((item) => !item.startsWith('!')).flatMap(parse);
  const unwanted = items.filter((item) => item.startsWith('!')).flatMap((item) => parse(item.slice(1)));
  const others = meaning.kinds.filter((kind) => !overlaps(wanted, kind) && overlaps(unwanted, kind));
  return difference(union([...wanted, ...others]), union(unwanted));
}

/** The items between the outermost brackets. */
function itemsOf(text: string): string[] {
  const items = [''];
  let depth = 0;
  for (const char of text.slice(1, -1)) {
    if (char === '[') depth++;
    if (char === ']') depth--;
    if (char === ',' && depth === 0) items.push('');
    else items[items.length - 1] += char;
  }
  return items.map((item) => item.trim()).filter((item) => item !== '');
}
