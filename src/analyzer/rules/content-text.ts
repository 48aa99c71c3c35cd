// The text of `content` and its like: `!"abc|0d 0a|d\"e"` as bytes.

import { RuleProblem } from './problem.js';

/** A value in quotes, and whether `!` stands before it. */
export interface Quoted {
  readonly text: string;
  readonly negated: boolean;
}

/** Takes off quotes and `!`. Backslashes stay. */
export function unquote(value: string): Quoted {
  const match = /^(!?)\s*"([\s\S]*)"$/.exec(value);
  if (match === null) throw new RuleProblem(`${value}: not in quotes`);
  return { negated: match[1] === '!', text: match[2]! };
}

/** The bytes that the text between the quotes stands for. Throws a RuleProblem. */
export function contentBytes(text: string): Uint8Array {
  const parts = text.match(/\|[^|]*\||\\[\s\S]|[^|\\]+/g) ?? [];
  if (parts.join('').length !== text.length) throw new RuleProblem(`"${text}": a | or \\ without its end`);
  const bytes = Buffer.concat(parts.map(partBytes));
  if (bytes.length === 0) throw new RuleProblem('content is empty');
  return Uint8Array.from(bytes);
}

function partBytes(part: string): Buffer {
  if (part.startsWith('\\')) return Buffer.from(part.slice(1), 'utf8');
  if (!part.startsWith('|')) return Buffer.from(part, 'utf8');
  const digits = part.slice(1, -1).replace(/\s/g, '');
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw new RuleProblem(`${part}: not pairs of hexadecimal digits`);
  return Buffer.from(digits, 'hex');
}
