// Ports by which rules differ: those that the same sets of ports have are one class. Only a few sets count, those of the
// most rules; a rule with another set belongs to all classes.

import type { PortSet } from '../rules/port-set.js';

const PORTS = 65_536;

/** The classes of a number of ports' sets. */
export class PortClasses {
  /** By port. */
  readonly #classes = new Uint8Array(PORTS);
  /** A port of each class. */
  readonly #examples: readonly number[];
  readonly #counted: ReadonlySet<string>;

  /** `sets`: those that count, 7 at most. */
  constructor(sets: readonly PortSet[]) {
    this.#counted = new Set(sets.map(({ key }) => key));
    const edges = [...new Set([0, ...sets.flatMap((set) => set.edges)])].sort((a, b) => a - b);
    const bySignature = new Map<string, number>();
    const examples: number[] = [];
    for (const [i, edge] of edges.entries()) {
      if (edge === PORTS) continue;
      const signature = sets.map((set) => set.has(edge)).join();
      const known = bySignature.get(signature) ?? examples.push(edge) - 1;
      bySignature.set(signature, known);
      this.#classes.fill(known, edge, edges[i + 1] ?? PORTS);
    }
    this.#examples = examples;
  }

  get count(): number {
    return this.#examples.length;
  }

  /** The class of a port; -1, for packets without ports, counts as 0. */
  of(port: number): number {
    return this.#classes[port < 0 ? 0 : port]!;
  }

  /** Whether packets with a port of the class may be meant by the set. */
  has(classIndex: number, set: PortSet): boolean {
    return !this.#counted.has(set.key) || set.has(this.#examples[classIndex]!);
  }
}

/** The sets that most rules have, the most frequent first; those of all ports are none. */
export function frequentSets(sets: readonly PortSet[]): PortSet[] {
  const byKey = new Map<string, { set: PortSet; count: number }>();
  for (const set of sets) {
    if (set.isAny) continue;
    const entry = byKey.get(set.key) ?? { set, count: 0 };
    entry.count++;
    byKey.set(set.key, entry);
  }
  return [...byKey.values()].sort((a, b) => b.count - a.count).map(({ set }) => set);
}
