// Keywords that read numbers out of the bytes: byte_test, byte_jump, byte_extract, byte_math.

import type { Draft } from '../draft.js';
import { RuleProblem } from '../problem.js';
import type { ByteMathStep, ByteTestStep, NumberFormat } from '../steps.js';
import { type Keywords, required } from './keyword.js';

const MAX_BINARY_BYTES = 8;
const MAX_TEXT_BYTES = 23;
const OPERATORS = ['<', '>', '=', '<=', '>=', '&', '^'];

const MATH_OPERATORS = ['+', '-', '*', '/', '<<', '>>'];
const ENDIANS = ['big', 'little'];
const BASES = ['hex', 'dec', 'oct'];

/** byte_test, byte_jump, byte_extract and byte_math. */
export const BYTES: Keywords = {
  byte_test: (draft, value, name) => {
    const [bytes, operator = '', compared, offset, ...options] = parts(value, name);
    if (offset === undefined) throw new RuleProblem('byte_test needs bytes, operator, value and offset');
    const plain = operator.replace(/^!\s*/, '') || '=';
    if (!OPERATORS.includes(plain)) throw new RuleProblem(`byte_test: ${operator} is no operator`);
    const rest = new Options(options, name);
    draft.addStep({
      kind: 'byte_test',
      operator: plain as ByteTestStep['operator'],
      negated: operator.startsWith('!'),
      value: draft.amount(compared!),
      offset: draft.amount(offset),
      relative: rest.take('relative'),
      format: rest.format(draft, bytes!),
    });
    rest.end();
  },
  byte_jump: (draft, value, name) => {
    const [bytes, offset, ...options] = parts(value, name);
    if (offset === undefined) throw new RuleProblem('byte_jump needs bytes and offset');
    const rest = new Options(options, name);
    const fromBeginning = rest.take('from_beginning');
    draft.addStep({
      kind: 'byte_jump',
      offset: draft.amount(offset),
      relative: rest.take('relative'),
      multiplier: rest.number('multiplier') ?? 1,
      align: rest.take('align'),
      from: rest.take('from_end') ? 'end' : fromBeginning ? 'beginning' : 'here',
      postOffset: rest.number('post_offset') ?? 0,
      format: rest.format(draft, bytes!),
    });
    rest.end();
  },
  byte_extract: (draft, value, name) => {
    const [bytes, offset, variable, ...options] = parts(value, name);
    if (variable === undefined) throw new RuleProblem('byte_extract needs bytes, offset and a name');
    const rest = new Options(options, name);
    draft.addStep({
      kind: 'byte_extract',
      offset: draft.amount(offset!),
      name: variable,
      relative: rest.take('relative'),
      multiplier: rest.number('multiplier') ?? 1,
      align: rest.number('align') ?? 0,
      format: rest.format(draft, bytes!),
    });
    rest.end();
    draft.addVariable(variable);
  },
  byte_math: (draft, value, name) => {
    const rest = new Options(parts(value, name), name);
    const operator = rest.word('oper') ?? '';
    if (!MATH_OPERATORS.includes(operator)) throw new RuleProblem(`byte_math: ${operator} is no operator`);
    const result = rest.word('result');
    if (result === undefined || !/^[a-z]\w*$/i.test(result))
      throw new RuleProblem('byte_math needs the name of a result');
    const bytes = rest.needed('bytes');
    rest.replace('endian', ENDIANS);
    if (rest.replace('string', BASES)) rest.add('string');
    const { bitmask, ...format } = rest.format(draft, bytes);
    draft.addStep({
      kind: 'byte_math',
      operator: operator as ByteMathStep['operator'],
      value: draft.amount(rest.needed('rvalue')),
      offset: draft.amount(rest.needed('offset')),
      relative: rest.take('relative'),
      format: { ...format, bitmask: 0 },
      bitmask,
      name: result,
    });
    rest.end();
    draft.addVariable(result);
  },
};

function parts(value: string | undefined, name: string): string[] {
  return required(value, name)
    .split(',')
    .map((part) => part.trim());
}

/** The options behind the fixed values, taken one by one; what is left at the end is unknown. */
class Options {
  readonly #name: string;
  #left: string[];

  constructor(options: readonly string[], name: string) {
    this.#left = options.filter((option) => option !== '');
    this.#name = name;
  }

  take(word: string): boolean {
    const before = this.#left.length;
    this.#left = this.#left.filter((option) => option !== word);
    return this.#left.length < before;
  }

  add(word: string): void {
    this.#left.push(word);
  }

  /** What stands behind the word. */
  word(word: string): string | undefined {
    const found = this.#left.find((option) => option.startsWith(`${word} `));
    if (found === undefined) return undefined;
    this.take(found);
    return found.slice(word.length).trim();
  }

  needed(word: string): string {
    const found = this.word(word);
    if (found === undefined) throw new RuleProblem(`${this.#name} needs ${word}`);
    return found;
  }

  /** `endian little` as `little`. False: the word isn't there. */
  replace(word: string, choices: readonly string[]): boolean {
    const found = this.word(word);
    if (found === undefined) return false;
    if (!choices.includes(found))
      throw new RuleProblem(`${this.#name}: ${word} ${found} is none of ${choices.join(', ')}`);
    this.add(found);
    return true;
  }

  number(word: string): number | undefined {
    const found = this.word(word);
    if (found === undefined) return undefined;
    if (!Number.isInteger(Number(found))) throw new RuleProblem(`${this.#name}: ${word} ${found}`);
    return Number(found);
  }

  format(draft: Draft, text: string): NumberFormat {
    const bytes = draft.amount(text);
    const isText = this.take('string');
    const base = this.take('hex') ? 16 : this.take('oct') ? 8 : 10;
    this.take('dec');
    const little = this.take('little');
    this.take('big');
    const max = isText ? MAX_TEXT_BYTES : MAX_BINARY_BYTES;
    if (typeof bytes === 'number' && (bytes > max || bytes < 1))
      throw new RuleProblem(`${this.#name}: ${bytes} bytes, not 1 to ${max}`);
    return { bytes, base: isText ? base : 0, littleEndian: little, bitmask: this.number('bitmask') ?? 0 };
  }

  end(): void {
    const [unknown] = this.#left;
    if (unknown !== undefined) throw new RuleProblem(`${this.#name}: ${unknown} is not supported`);
  }
}
