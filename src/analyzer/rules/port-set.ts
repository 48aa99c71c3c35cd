// The ports of a rule's header: `any`, `80`, `1024:`, `[80,8000:8100,!8080]`.

import type { Interval, Intervals } from './intervals.js';
import { parseList } from './list.js';
import { RuleProblem } from './problem.js';
import { type Variables, variableIn } from './variables.js';

const MAX_PORT = 65_535;
const ALL: Interval = [0n, BigInt(MAX_PORT)];

/** A set of ports. */
export class PortSet {
  readonly isAny: boolean;
  /** First and last of each run, sorted. */
  readonly #bounds: Uint16Array;

  constructor(intervals: Intervals) {
    this.#bounds = Uint16Array.from(intervals.flat(), Number);
    this.isAny = this.#bounds.length === 2 && this.#bounds[0] === 0 && this.#bounds[1] === MAX_PORT;
  }

  /** Equal for equal sets. */
  get key(): string {
    return this.#bounds.join();
  }

  /** First ports of all runs, and those behind the last ones: between two of them all ports are in, or none is. */
  get edges(): number[] {
    return Array.from(this.#bounds, (bound, i) => bound + (i % 2));
  }

  has(port: number): boolean {
    if (this.isAny) return true;
    for (let i = 0; i < this.#bounds.length; i += 2) {
      if (port >= this.#bounds[i]! && port <= this.#bounds[i + 1]!) return true;
    }
    return false;
  }

  /** The ports one by one, or undefined if they are more than `max`. */
  list(max: number): number[] | undefined {
    const ports: number[] = [];
    for (let i = 0; i < this.#bounds.length; i += 2) {
      for (let port = this.#bounds[i]!; port <= this.#bounds[i + 1]!; port++) {
        if (ports.length === max) return undefined;
        ports.push(port);
      }
    }
    return ports;
  }
}

/** The ports that a header's word names. Throws a RuleProblem. */
export function parsePorts(text: string, variables: Variables): PortSet {
  const variable = (name: string) => variableIn(variables, name);
  return new PortSet(parseList(text, { kinds: [ALL], item: portItem, variable }));
}

function portItem(text: string): Intervals {
  const match = /^(\d*)(:?)(\d*)$/.exec(text);
  if (match === null || text === ':' || text === '') throw new RuleProblem(`${text} is no port`);
  const first = Number(match[1]);
  const last = match[2] === '' ? first : Number(match[3] || MAX_PORT);
  if (first > last || last > MAX_PORT) throw new RuleProblem(`${text} is no range of ports`);
  return [[BigInt(first), BigInt(last)]];
}
