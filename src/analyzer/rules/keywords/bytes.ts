// Keywords that read numbers out of the bytes: byte_test, byte_jump, byte_extract.

import type { Draft } from '../draft.js';
import { RuleProblem } from '../problem.js';
import type { ByteTestStep, NumberFormat } from '../steps.js';
import { type Keywords, required } from './keyword.js';

const MAX_BINARY_BYTES = 8;
const MAX_TEXT_BYTES = 23;
const OPERATORS = ['<', '>', '=', '<=', '>=', '&', '^'];

/** byte_test, byte_jump and byte_extract. */
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

  number(word: string): number | undefined {
    const found = this.#left.find((option) => option.startsWith(`${word} `));
    if (found === undefined) return undefined;
    this.take(found);
    const value = Number(found.slice(word.length));
    if (!Number.isInteger(value)) throw new RuleProblem(`${this.#name}: ${found}`);
    return value;
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
