// The rules for packets of one transport, one direction and one state of their flow, or for streams: in parts by ports, so
// that only patterns of rules are looked for that may be meant. A part is made when the first packet comes for it.

import type { PortSet } from '../rules/port-set.js';
import type { Rule } from '../rules/rule.js';
import type { Candidates } from './candidates.js';
import { endOf, payloadPattern } from './fast-pattern.js';
import type { Pattern } from './pattern.js';
import { PatternFinder } from './pattern-finder.js';
import { frequentSets, PortClasses } from './port-classes.js';
import type { WordMemory } from './word-memory.js';

/** Rules of all parts together: a rule may be in each. So many bound memory, not speed. */
const MAX_PART_RULES = 100_000;
const MAX_PARTS = 32;
const MAX_COUNTED_SETS = 7;

/** A rule for more ports than this one is tried whatever the port. */
const MAX_LISTED_PORTS = 64;
const NO_RULES: readonly number[] = [];

/** The rules that may match packets with certain ports. */
export class GroupPart {
  readonly #patterns: PatternFinder;
  readonly #always: readonly number[];
  readonly #byPort = new Map<number, number[]>();
  /** There is nothing in it at all. */
  readonly isEmpty: boolean;

  constructor(rules: readonly Rule[], indices: readonly number[]) {
    const patterns: Pattern[] = [];
    const always: number[] = [];
    for (const index of indices) {
      const rule = rules[index]!;
      const step = payloadPattern(rule);
      const ports = portsOf(rule);
      if (step !== null) patterns.push({ bytes: step.bytes, id: index, endBefore: endOf(step) });
      else if (ports === undefined) always.push(index);
      else for (const port of ports) this.#atPort(port).push(index);
    }
    this.#patterns = new PatternFinder(patterns);
    this.#always = always;
    this.isEmpty = indices.length === 0;
  }

  /** It has patterns: the payload has to be looked at. */
  get looksAtPayload(): boolean {
    return !this.#patterns.isEmpty;
  }

  /** Adds the rules that are found without a look at the payload. */
  addOthers(destPort: number, found: Candidates): void {
    if (this.#always.length > 0) found.addAll(this.#always);
    if (this.#byPort.size > 0) found.addAll(this.#byPort.get(destPort) ?? NO_RULES);
  }

  /** Adds those whose patterns lie in these bytes; `skipped`: bytes of the stream before them. */
  find(memory: WordMemory, start: number, end: number, found: Candidates, skipped = 0): void {
    this.#patterns.find(memory, start, end, found, skipped);
  }

  #atPort(port: number): number[] {
    const list = this.#byPort.get(port) ?? [];
    this.#byPort.set(port, list);
    return list;
  }
}

/** All parts. */
export class PacketGroup {
  readonly #rules: readonly Rule[];
  readonly #indices: readonly number[];
  readonly #source: PortClasses;
  readonly #dest: PortClasses;
  readonly #parts: (GroupPart | undefined)[];

  constructor(rules: readonly Rule[], indices: readonly number[]) {
    this.#rules = rules;
    this.#indices = indices;
    const grouped = indices.map((index) => rules[index]!).filter((rule) => !rule.header.bothWays && !isByPort(rule));
    const maxParts = Math.min(MAX_PARTS, Math.floor(MAX_PART_RULES / Math.max(1, indices.length)));
    this.#dest = classesOf(
      grouped.map(({ header }) => header.destPorts),
      maxParts,
    );
    this.#source = classesOf(
      grouped.map(({ header }) => header.sourcePorts),
      maxParts / this.#dest.count,
    );
    this.#parts = new Array(this.#source.count * this.#dest.count).fill(undefined);
  }

  /** The rules for these ports. */
  part(sourcePort: number, destPort: number): GroupPart {
    const source = this.#source.of(sourcePort);
    const dest = this.#dest.of(destPort);
    const place = source * this.#dest.count + dest;
    return this.#parts[place] ?? this.#make(place, source, dest);
  }

  /** Apart: a closure here costs memory at each call, whether it is made or not. */
  #make(place: number, source: number, dest: number): GroupPart {
    const indices = this.#indices.filter((index) => this.#fits(this.#rules[index]!, source, dest));
    const part = new GroupPart(this.#rules, indices);
    this.#parts[place] = part;
    return part;
  }

  #fits({ header }: Rule, source: number, dest: number): boolean {
    if (header.bothWays) return true;
    return this.#source.has(source, header.sourcePorts) && this.#dest.has(dest, header.destPorts);
  }
}

/** As many of the most frequent sets count as make no more classes than that. */
function classesOf(sets: readonly PortSet[], maxClasses: number): PortClasses {
  const frequent = frequentSets(sets).slice(0, MAX_COUNTED_SETS);
  for (let count = frequent.length; count > 0; count--) {
    const classes = new PortClasses(frequent.slice(0, count));
    if (classes.count <= maxClasses) return classes;
  }
  return new PortClasses([]);
}

/** It is found by its port alone. */
function isByPort(rule: Rule): boolean {
  return payloadPattern(rule) === null && portsOf(rule) !== undefined;
}

function portsOf({ header }: Rule): number[] | undefined {
  return header.bothWays ? undefined : header.destPorts.list(MAX_LISTED_PORTS);
}
