// Perl-compatible expressions as JavaScript ones over bytes (Latin-1 characters), where the two mean the same. What has no
// equal (recursion, possessive quantifiers, conditions, \K, \G) is a RuleProblem that names it. Letters are spelt in both
// cases instead of by the flag `i`, which folds letters beyond ASCII, too, and which the engine without backtracking
// doesn't know; what that engine can't do either way must not be able to take for ever.

import { translateClass } from './pcre-class.js';
import { mayTakeForEver } from './pcre-cost.js';
import { translateEscape } from './pcre-escape.js';
import { bothCases, literal } from './pcre-text.js';
import { RuleProblem } from './problem.js';

/** Flags that change what an expression means: those of PCRE `imsxAEG`. */
export interface PcreFlags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly extended: boolean;
  readonly anchored: boolean;
  readonly dollarEndOnly: boolean;
  readonly ungreedy: boolean;
}

/** None of them. */
export const NO_PCRE_FLAGS: PcreFlags = {
  ignoreCase: false,
  multiline: false,
  dotAll: false,
  extended: false,
  anchored: false,
  dollarEndOnly: false,
  ungreedy: false,
};

/** The expression, with the flag `g`. Throws a RuleProblem. */
export function translatePcre(pattern: string, flags: PcreFlags): RegExp {
  const source = new Translator(pattern, flags).translate();
  const expression = compile(flags.anchored ? `^(?:${source})` : source);
  if (needsBacktracking(source) && mayTakeForEver(source)) {
    throw new RuleProblem('pcre: look-around or a reference together with repetitions that could take for ever');
  }
  return expression;
}

/** Compiled now: an expression that is wrong is told when rules are read. */
function compile(source: string): RegExp {
  try {
    return new RegExp(source, 'g');
  } catch (cause) {
    throw new RuleProblem(`pcre: ${(cause as Error).message}`);
  }
}

class Translator {
  readonly #pattern: string;
  readonly #flags: PcreFlags;
  /** Flags that groups can change, the innermost last. */
  readonly #scopes: { ignoreCase: boolean; multiline: boolean; dotAll: boolean; extended: boolean }[];
  #at = 0;
  #out = '';

  constructor(pattern: string, flags: PcreFlags) {
    this.#pattern = pattern;
    this.#flags = flags;
    const { ignoreCase, multiline, dotAll, extended } = flags;
    this.#scopes = [{ ignoreCase, multiline, dotAll, extended }];
  }

  translate(): string {
    while (this.#at < this.#pattern.length) this.#next();
    return this.#out;
  }

  get #scope() {
    return this.#scopes.at(-1)!;
  }

  #next(): void {
    const char = this.#pattern[this.#at]!;
    if (char === '\\') this.#take(translateEscape(this.#pattern, this.#at, this.#scope.ignoreCase));
    else if (char === '[') this.#take(translateClass(this.#pattern, this.#at, this.#scope.ignoreCase));
    else if (char === '(') this.#open();
    else if (char === ')') this.#close();
    else if ('*+?{'.includes(char)) this.#quantifier();
    else this.#plain(char);
  }

  #take({ source, end }: { source: string; end: number }): void {
    this.#out += source;
    this.#at = end;
  }

  #plain(char: string): void {
    this.#at++;
    if (this.#scope.extended && /\s/.test(char)) return;
    if (this.#scope.extended && char === '#') this.#skipLine();
    else if (char === '.') this.#out += this.#scope.dotAll ? '[^]' : '[^\\n]';
    else if (char === '^') this.#out += this.#scope.multiline ? '(?:^|(?<=\\n))' : '^';
    else if (char === '$') this.#out += this.#dollar();
    else if (char === '|') this.#out += char;
    else this.#out += this.#scope.ignoreCase ? bothCases(char) : literal(char);
  }

  /** Without `E` it also stands before the newline that ends the subject; taking that in makes look-ahead needless. */
  #dollar(): string {
    if (this.#scope.multiline) return '(?:$|(?=\\n))';
    return this.#flags.dollarEndOnly ? '$' : '(?:\\n?$)';
  }

  #skipLine(): void {
    const end = this.#pattern.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#pattern.length : end + 1;
  }

  #quantifier(): void {
    const match = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.#pattern.slice(this.#at));
    if (match === null) {
      this.#at++;
      this.#out += '\\{';
      return;
    }
    this.#at += match[0].length;
    const follows = this.#pattern[this.#at];
    if (follows === '+') throw new RuleProblem('pcre: possessive quantifiers have no equal here');
    if (follows === '?') this.#at++;
    this.#out += match[0] + ((follows === '?') !== this.#flags.ungreedy ? '?' : '');
  }

  #close(): void {
    this.#at++;
    this.#out += ')';
    if (this.#scopes.length > 1) this.#scopes.pop();
  }

  #open(): void {
    const rest = this.#pattern.slice(this.#at);
    const flagged = /^\(\?([imsx]*)(?:-([imsx]+))?([:)])/.exec(rest);
    if (flagged !== null) return this.#flagGroup(flagged);
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    if (comment !== null) {
      this.#at += comment[0].length;
      return;
    }
    this.#scopes.push({ ...this.#scope });
    const special = /^\((?:\?(?:=|!|<=|<!|P?<\w+>|'\w+'|P[=>]\w+\)|\||>|\(|R|&|[+-]?\d+|C)|\*)/.exec(rest);
    const opening = special === null ? '(' : openingOf(special[0]);
    if (opening.endsWith('>)') || opening.startsWith('\\k')) this.#scopes.pop();
    this.#at += (special?.[0] ?? '(').length;
    this.#out += opening;
    if (special === null && rest.startsWith('(?'))
      throw new RuleProblem(`pcre: ${rest.slice(0, 4)}… has no equal here`);
  }

  /** `(?i)` holds to the end of the group around it, `(?i:` for its own. */
  #flagGroup([text, on, off = '', end]: RegExpExecArray): void {
    this.#at += text.length;
    const scope = { ...this.#scope };
    const set = (letters: string, value: boolean) => {
      if (letters.includes('i')) scope.ignoreCase = value;
      if (letters.includes('m')) scope.multiline = value;
      if (letters.includes('s')) scope.dotAll = value;
      if (letters.includes('x')) scope.extended = value;
    };
    set(on!, true);
    set(off, false);
    if (end === ')') {
      this.#scopes[this.#scopes.length - 1] = scope;
    } else {
      this.#scopes.push(scope);
      this.#out += '(?:';
    }
  }
}

/** How a group begins in JavaScript. */
function openingOf(text: string): string {
  if (/^\(\?(?:=|!|<=|<!)$/.test(text)) return text;
  const named = /^\(\?(?:P?<(\w+)>|'(\w+)')$/.exec(text);
  if (named !== null) return `(?<${named[1] ?? named[2]}>`;
  const reference = /^\(\?P=(\w+)\)$/.exec(text);
  if (reference !== null) return `\\k<${reference[1]}>`;
  throw new RuleProblem(`pcre: ${text}… has no equal here`);
}

/** What the engine without backtracking doesn't know: look-around and references. */
function needsBacktracking(source: string): boolean {
  return /\(\?(?:=|!|<=|<!)|\\k<|(?<!\\)(?:\\\\)*\\[1-9]/.test(source);
}
