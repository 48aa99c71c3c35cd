// What a backslash begins in PCRE, within a class and outside.

import { bothCases, literal } from './pcre-text.js';
import { RuleProblem } from './problem.js';

/** A piece of the expression in JavaScript's spelling, and where the next one begins in PCRE's. */
interface Piece {
  readonly source: string;
  readonly end: number;
}

const SETS: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Za-z_',
  s: '\\t-\\r ',
  h: '\\t \\xa0',
  v: '\\n-\\r\\x85',
};

/** The complements, for classes, which can't hold a class of their own. */
const COMPLEMENTS: Readonly<Record<string, string>> = {
  D: '\\x00-\\/:-\\xff',
  W: '\\x00-\\/:-@\\[-\\^`{-\\xff',
  S: '\\x00-\\x08\\x0e-\\x1f!-\\xff',
  H: '\\x00-\\x08\\n-\\x1f!-\\x9f\\xa1-\\xff',
  V: '\\x00-\\t\\x0e-\\x84\\x86-\\xff',
};

const CONTROLS: Readonly<Record<string, string>> = {
  n: '\\n',
  r: '\\r',
  t: '\\t',
  f: '\\f',
  a: '\\x07',
  e: '\\x1b',
};

/** The escape at `at`, outside of classes. Throws a RuleProblem. */
export function translateEscape(pattern: string, at: number, ignoreCase: boolean): Piece {
  const char = pattern[at + 1];
  if (char === undefined) throw new RuleProblem('pcre: a backslash at the end');
  const simple = SETS[char] ?? COMPLEMENTS[char];
  if (simple !== undefined) return { source: `[${simple}]`, end: at + 2 };
  if (char === 'Q') return quoted(pattern, at, ignoreCase);
  if ('bB'.includes(char)) return { source: `\\${char}`, end: at + 2 };
  if (char === 'A') return { source: '^', end: at + 2 };
  if (char === 'z') return { source: '$', end: at + 2 };
  if (char === 'Z') return { source: '(?:\\n?$)', end: at + 2 };
  if (char === 'R') return { source: '(?:\\r\\n|[\\n-\\r\\x85])', end: at + 2 };
  if (char === 'N') return { source: '[^\\n]', end: at + 2 };
  const reference = /^\\([1-9]\d?)(?!\d)/.exec(pattern.slice(at, at + 4));
  if (reference !== null) return { source: `(?:\\${reference[1]})`, end: at + reference[0].length };
  const named = /^\\(?:k(?:<(\w+)>|\{(\w+)\}|'(\w+)')|g\{?(\d+)\}?)/.exec(pattern.slice(at));
  if (named !== null) return { source: namedReference(named), end: at + named[0].length };
  return character(pattern, at, ignoreCase);
}

/** The escape at `at`, within a class. Throws a RuleProblem. */
export function classEscape(pattern: string, at: number): Piece {
  const char = pattern[at + 1];
  if (char === undefined) throw new RuleProblem('pcre: a class without its ]');
  const set = SETS[char] ?? COMPLEMENTS[char];
  if (set !== undefined) return { source: set, end: at + 2 };
  if (char === 'b') return { source: '\\x08', end: at + 2 };
  return character(pattern, at, false);
}

function namedReference([, angle, brace, quote, number]: RegExpExecArray): string {
  return number === undefined ? `\\k<${angle ?? brace ?? quote}>` : `(?:\\${number})`;
}

/** Everything literally up to \E. */
function quoted(pattern: string, at: number, ignoreCase: boolean): Piece {
  const found = pattern.indexOf('\\E', at + 2);
  const end = found < 0 ? pattern.length : found;
  const chars = [...pattern.slice(at + 2, end)].map((char) => (ignoreCase ? bothCases(char) : literal(char)));
  return { source: chars.join(''), end: Math.min(end + 2, pattern.length) };
}

/** A single character, by number or by itself. */
function character(pattern: string, at: number, ignoreCase: boolean): Piece {
  const rest = pattern.slice(at);
  const number = /^\\(?:x\{([0-9a-f]{1,2})\}|x([0-9a-f]{0,2})|(0[0-7]{0,2}|[1-3][0-7]{2}))/i.exec(rest);
  if (number !== null) {
    const [text, braced, hex, octal] = number;
    const code = octal === undefined ? Number.parseInt(braced ?? (hex || '0'), 16) : Number.parseInt(octal, 8);
    const char = String.fromCharCode(code);
    const source = ignoreCase && /[a-z]/i.test(char) ? bothCases(char) : `\\x${code.toString(16).padStart(2, '0')}`;
    return { source, end: at + text.length };
  }
  const char = pattern[at + 1]!;
  const control = CONTROLS[char];
  if (control !== undefined) return { source: control, end: at + 2 };
  if (/[a-z0-9]/i.test(char)) throw new RuleProblem(`pcre: \\${char} has no equal here`);
  return { source: literal(char), end: at + 2 };
}
