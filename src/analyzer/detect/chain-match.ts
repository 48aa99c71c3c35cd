// Carries out a rule's steps on one buffer. A step that is relative to the one before may have been led astray by an early
// match of it: then the next match is tried, as often as MAX_STEPS allows for one buffer.

import type {
  Amount,
  Base64Step,
  ByteExtractStep,
  ByteJumpStep,
  ByteMathStep,
  ByteTestStep,
  ContentStep,
  DatasetStep,
  NumberFormat,
  PcreStep,
  ReputationStep,
  Step,
} from '../rules/steps.js';
import { decodeBase64 } from './decode-base64.js';
import { findBytes } from './find-bytes.js';
import { calculate, masked, type ReadNumber, readNumber } from './read-number.js';

/** Steps tried on one buffer for one rule; Suricata's inspection-recursion-limit. */
const MAX_STEPS = 3000;

/** Variables that byte_extract and byte_math set, by name. */
export type Values = Map<string, number>;

/**
 * Whether the steps match. `values` is read and added to. `start`: how many bytes of the stream came before these; a depth
 * counts from the stream's beginning.
 */
export function matchSteps(steps: readonly Step[], bytes: Uint8Array, values: Values, start = 0): boolean {
  return new Matching(steps, bytes, values, start).from(0, 0);
}

class Matching {
  readonly #steps: readonly Step[];
  readonly #bytes: Uint8Array;
  readonly #values: Values;
  readonly #start: number;
  #left = MAX_STEPS;
  #text: string | undefined;

  constructor(steps: readonly Step[], bytes: Uint8Array, values: Values, start: number) {
    this.#steps = steps;
    this.#bytes = bytes;
    this.#values = values;
    this.#start = start;
  }

  /** Whether the steps from `index` on match, `end` being where the last match ended. */
  from(index: number, end: number): boolean {
    const step = this.#steps[index];
    if (step === undefined) return true;
    if (this.#left-- <= 0) return false;
    switch (step.kind) {
      case 'content':
        return this.#content(step, index, end);
      case 'pcre':
        return this.#pcre(step, index, end);
      case 'isdataat':
        return this.#hasDataAt(step.relative ? end : 0, step) !== step.negated && this.from(index + 1, end);
      case 'byte_test':
        return this.#byteTest(step, end) && this.from(index + 1, end);
      case 'byte_jump':
        return this.#byteJump(step, index, end);
      case 'byte_extract':
        return this.#byteExtract(step, index, end);
      case 'byte_math':
        return this.#byteMath(step, index, end);
      case 'base64_decode':
        return this.#base64(step, end) && this.from(index + 1, end);
      case 'dataset':
        return isInSet(step, this.#bytes) && this.from(index + 1, end);
      case 'datarep':
        return hasReputation(step, this.#bytes) && this.from(index + 1, end);
      case 'bsize':
        return step.test(this.#bytes.length) && this.from(index + 1, end);
    }
  }

  #content(step: ContentStep, index: number, end: number): boolean {
    const search = { bytes: this.#bytes, pattern: step.bytes, nocase: step.nocase };
    let [from, to] = this.#window(step, end);
    // All that may hold it came before: neither its presence nor its absence can be told any more.
    if (step.depth !== undefined && this.#depthEnd(step) <= 0) return false;
    if (step.endswith) from = Math.max(from, this.#bytes.length - step.bytes.length);
    if (step.negated) return findBytes(search, from, to) < 0 && this.from(index + 1, end);
    const hasFollower = this.#isRelative(index + 1);
    for (let at = findBytes(search, from, to); at >= 0; at = findBytes(search, at + 1, to)) {
      if (this.from(index + 1, at + step.bytes.length)) return true;
      if (!hasFollower || this.#left <= 0) return false;
    }
    return false;
  }

  /** Where the content must lie: from the first offset up to the second. */
  #window(step: ContentStep, end: number): [number, number] {
    const offset = this.#amount(step.offset ?? 0);
    let from = offset;
    let to = this.#bytes.length;
    if (step.distance !== undefined || step.within !== undefined) {
      const distance = this.#amount(step.distance ?? 0);
      from = Math.max(from, end + distance, 0);
      if (step.within !== undefined) to = Math.min(to, end + distance + this.#amount(step.within));
    }
    if (step.depth !== undefined) to = Math.min(to, this.#depthEnd(step));
    return [from, to];
  }

  #depthEnd({ offset = 0, depth = 0 }: ContentStep): number {
    return this.#amount(offset) + this.#amount(depth) - this.#start;
  }

  #pcre(step: PcreStep, index: number, end: number): boolean {
    const text = this.#latin1();
    // The subject of a relative one begins where the last match ended, so that ^ stands there.
    const base = step.relative ? end : 0;
    const subject = step.relative ? text.slice(end) : text;
    const { expression } = step;
    expression.lastIndex = 0;
    if (step.negated) return !expression.test(subject) && this.from(index + 1, end);
    const hasFollower = this.#isRelative(index + 1);
    for (let match = expression.exec(subject); match !== null; match = expression.exec(subject)) {
      const { index: at } = match;
      if (this.from(index + 1, base + at + match[0].length)) return true;
      if (!hasFollower || this.#left <= 0) return false;
      expression.lastIndex = at + 1;
    }
    return false;
  }

  #latin1(): string {
    const { buffer, byteOffset, length } = this.#bytes;
    this.#text ??= Buffer.from(buffer, byteOffset, length).toString('latin1');
    return this.#text;
  }

  #hasDataAt(base: number, { amount, relative }: { amount: Amount; relative: boolean }): boolean {
    const at = base + this.#amount(amount);
    return relative ? at <= this.#bytes.length : at < this.#bytes.length;
  }

  #byteTest(step: ByteTestStep, end: number): boolean {
    const found = this.#read(step.format, this.#amount(step.offset) + (step.relative ? end : 0));
    if (found === undefined) return false;
    return compare(found.value, step.operator, this.#amount(step.value)) !== step.negated;
  }

  #byteJump(step: ByteJumpStep, index: number, end: number): boolean {
    const at = this.#amount(step.offset) + (step.relative ? end : 0);
    const found = this.#read(step.format, at);
    if (found === undefined) return false;
    let jump = found.value * step.multiplier;
    if (step.align) jump = Math.ceil(jump / 4) * 4;
    const base = { here: at + found.length, beginning: 0, end: this.#bytes.length }[step.from];
    const target = base + jump + step.postOffset;
    return target >= 0 && target <= this.#bytes.length && this.from(index + 1, target);
  }

  #byteExtract(step: ByteExtractStep, index: number, end: number): boolean {
    const at = this.#amount(step.offset) + (step.relative ? end : 0);
    const found = this.#read(step.format, at);
    if (found === undefined) return false;
    const value = found.value * step.multiplier;
    this.#values.set(step.name, step.align > 0 ? Math.ceil(value / step.align) * step.align : value);
    return this.from(index + 1, at + found.length);
  }

  #byteMath(step: ByteMathStep, index: number, end: number): boolean {
    const at = this.#amount(step.offset) + (step.relative ? end : 0);
    const found = this.#read(step.format, at);
    const result = found && calculate(found.value, step.operator, this.#amount(step.value));
    if (result === undefined) return false;
    this.#values.set(step.name, step.bitmask === 0 ? result : masked(result, step.bitmask));
    return this.from(index + 1, at + found!.length);
  }

  #base64(step: Base64Step, end: number): boolean {
    const at = step.offset + (step.relative ? end : 0);
    if (at >= this.#bytes.length) return false;
    const decoded = decodeBase64(this.#bytes.subarray(at, step.bytes > 0 ? at + step.bytes : undefined));
    return decoded.length > 0 && matchSteps(step.steps, decoded, this.#values);
  }

  #read(format: NumberFormat, at: number): ReadNumber | undefined {
    const { bytes, base, littleEndian, bitmask } = format;
    return readNumber(this.#bytes, { at, length: this.#amount(bytes), base, littleEndian, bitmask });
  }

  #amount(amount: Amount): number {
    return typeof amount === 'number' ? amount : (this.#values.get(amount) ?? 0);
  }

  /** Whether a later match of the step before could help: one that follows depends on where it ended. */
  #isRelative(index: number): boolean {
    const step = this.#steps[index];
    if (step === undefined) return false;
    if (step.kind === 'content') return step.distance !== undefined || step.within !== undefined;
    return 'relative' in step && step.relative;
  }
}

function isInSet({ command, set }: DatasetStep, bytes: Uint8Array): boolean {
  if (command === 'set') return set.add(bytes);
  if (command === 'unset') return set.remove(bytes);
  return set.has(bytes) === (command === 'isset');
}

function hasReputation({ operator, than, set }: ReputationStep, bytes: Uint8Array): boolean {
  const found = set.reputation(bytes);
  if (found === undefined) return false;
  if (operator === '<') return found < than;
  return operator === '>' ? found > than : found === than;
}

function compare(value: number, operator: ByteTestStep['operator'], than: number): boolean {
  switch (operator) {
    case '<':
      return value < than;
    case '>':
      return value > than;
    case '=':
      return value === than;
    case '<=':
      return value <= than;
    case '>=':
      return value >= than;
    case '&':
      return (BigInt(value) & BigInt(than)) !== 0n;
    case '^':
      return (BigInt(value) ^ BigInt(than)) !== 0n;
  }
}
