// The datasets of all rules, by name. They outlive the rules: what was added is still there when rules are read anew, but
// for sets out of a file that is only loaded, which is read anew, too.

import { RuleProblem } from '../rules/problem.js';
import { Dataset } from './dataset.js';
import type { ValueType } from './value-type.js';

/** Suricata's default. */
const DEFAULT_MAX_BYTES = 100 << 20;

/** What a rule says of a set. */
export interface DatasetOptions {
  readonly name: string;
  /** undefined: another rule said so. */
  readonly type: ValueType | undefined;
  /** A file with its values, which must be there. */
  readonly load: string | undefined;
  /** A file that the values are read from, if it is there, and written to in the end. */
  readonly state: string | undefined;
  /** A file that the values are written to in the end. */
  readonly save: string | undefined;
  readonly maxBytes: number | undefined;
}

/** How files are found and read. Paths are those of rules; `from`: the file of rules that has it. */
export interface DatasetFiles {
  /** Throws what says why it can't be read. */
  read(path: string, from: string): string;
  /** undefined: there is no such file yet. Throws a RuleProblem for a path that rules may not write to. */
  readState(path: string, from: string): string | undefined;
  /** Where a file is to be written. Throws a RuleProblem for a path that rules may not write to. */
  target(path: string, from: string): string;
}

/** What is to be written in the end. */
export interface SavedSet {
  readonly path: string;
  readonly lines: readonly string[];
}

interface Entry {
  readonly set: Dataset;
  readonly target: string | undefined;
  readonly isLoaded: boolean;
}

/** One for all rules of an analyzer. */
export class Datasets {
  readonly #files: DatasetFiles;
  readonly #entries = new Map<string, Entry>();

  constructor(files: DatasetFiles = NO_FILES) {
    this.#files = files;
  }

  /** Rules are read anew from here on. */
  beginAnew(): void {
    for (const [name, { isLoaded }] of this.#entries) if (isLoaded) this.#entries.delete(name);
  }

  /** The set that a rule means, which is made by the first that does. Throws a RuleProblem. */
  open(options: DatasetOptions, from: string): Dataset {
    const { name, type } = options;
    const known = this.#entries.get(name)?.set;
    if (known === undefined) return this.#make(options, from);
    if (type !== undefined && type !== known.type) throw new RuleProblem(`dataset ${name} is of type ${known.type}`);
    return known;
  }

  /** What is to be written now that nothing comes any more. */
  saved(): SavedSet[] {
    return [...this.#entries.values()].flatMap(({ set, target }) => {
      return target === undefined ? [] : [{ path: target, lines: set.lines() }];
    });
  }

  #make({ name, type, load, state, save, maxBytes = DEFAULT_MAX_BYTES }: DatasetOptions, from: string): Dataset {
    if (type === undefined) throw new RuleProblem(`dataset ${name} has no type`);
    const set = new Dataset(type, maxBytes);
    if (load !== undefined) fill(set, load, this.#read(load, from));
    if (state !== undefined) fill(set, state, this.#files.readState(state, from) ?? '');
    const written = state ?? save;
    const target = written === undefined ? undefined : this.#files.target(written, from);
    this.#entries.set(name, { set, target, isLoaded: load !== undefined && target === undefined });
    return set;
  }

  #read(path: string, from: string): string {
    try {
      return this.#files.read(path, from);
    } catch (error) {
      throw new RuleProblem(`dataset: ${path} can't be read: ${(error as Error).message}`);
    }
  }
}

const NO_FILES: DatasetFiles = {
  read: refuse,
  readState: refuse,
  target: refuse,
};

function refuse(): never {
  throw new RuleProblem('there are no files here');
}

/** Empty lines and comments are passed over. */
function fill(set: Dataset, path: string, text: string): void {
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const value = line.trim();
    if (value === '' || value.startsWith('#')) continue;
    if (!set.addLine(value))
      throw new RuleProblem(`dataset: ${path}:${i + 1}: no value of type ${set.type}, or one too many`);
  }
}
