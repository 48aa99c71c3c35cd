// A set of values that rules ask for and add to. Bounded: beyond its memory nothing is added.

import type { ValueSet } from '../rules/steps.js';
import { formatValue, keyOf, parseValue, type ValueType } from './value-type.js';

/** What a value takes beside its bytes. */
const OVERHEAD_BYTES = 64;

const MAX_REPUTATION = 65_535;

/** Values of one type, each with a reputation, which is 0 if nobody cares. */
export class Dataset implements ValueSet {
  readonly type: ValueType;
  readonly #maxBytes: number;
  readonly #values = new Map<string, number>();
  #bytes = 0;

  constructor(type: ValueType, maxBytes: number) {
    this.type = type;
    this.#maxBytes = maxBytes;
  }

  has(bytes: Uint8Array): boolean {
    return this.reputation(bytes) !== undefined;
  }

  reputation(bytes: Uint8Array): number | undefined {
    const key = keyOf(this.type, bytes);
    return key === undefined ? undefined : this.#values.get(key);
  }

  add(bytes: Uint8Array): boolean {
    const key = keyOf(this.type, bytes);
    return key !== undefined && this.#add(key, 0);
  }

  remove(bytes: Uint8Array): boolean {
    const key = keyOf(this.type, bytes);
    if (key === undefined || !this.#values.delete(key)) return false;
    this.#bytes -= key.length + OVERHEAD_BYTES;
    return true;
  }

  /** Adds a file's line, `VALUE` or `VALUE,REPUTATION`. False: it is neither, or there is no room. */
  addLine(line: string): boolean {
    const [text = '', reputation = '0', ...more] = line.split(',').map((part) => part.trim());
    const key = parseValue(this.type, text);
    if (key === undefined || more.length > 0 || !/^\d+$/.test(reputation) || Number(reputation) > MAX_REPUTATION)
      return false;
    return this.#values.has(key) || this.#add(key, Number(reputation));
  }

  /** All values as a file has them. */
  lines(): string[] {
    return [...this.#values.keys()].map((key) => formatValue(this.type, key));
  }

  #add(key: string, reputation: number): boolean {
    const bytes = key.length + OVERHEAD_BYTES;
    if (this.#values.has(key) || this.#bytes + bytes > this.#maxBytes) return false;
    this.#values.set(key, reputation);
    this.#bytes += bytes;
    return true;
  }
}
