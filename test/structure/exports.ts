// Where the names that a module exports are declared, following its re-exports through the project's own modules.

import { dirname, join } from 'node:path';
import { textOf } from './tree.js';

/** A name, and the file that declares it. */
export interface Declaration {
  readonly path: string;
  readonly name: string;
}

const ALL = /^export (?:type )?\* from '([^']+)'/gm;
const NAMED = /^export (?:type )?\{([^}]*)\} from '([^']+)'/gm;
const DECLARED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:class|function\*?|const|let|interface|type|namespace) (\w+)/gm;

/** All that a module of the project exports, re-exports included. */
export function exportsOf(path: string): Declaration[] {
  const code = textOf(path);
  const declared = [...code.matchAll(DECLARED)].map((match) => ({ path, name: match[1]! }));
  const all = [...code.matchAll(ALL)].flatMap((match) => exportsOf(sourceOf(path, match[1]!)));
  const named = [...code.matchAll(NAMED)].flatMap((match) => {
    const source = sourceOf(path, match[2]!);
    const found = exportsOf(source);
    // A name whose declaration isn't found counts as declared there, undocumented, rather than not at all.
    return namesIn(match[1]!).map((name) => found.find((one) => one.name === name) ?? { path: source, name });
  });
  return [...declared, ...all, ...named];
}

/** Whether a doc comment ends on the line before the name's (first) declaration. */
export function isDocumented({ path, name }: Declaration): boolean {
  const lines = textOf(path).split('\n');
  const at = lines.findIndex((line) => line.startsWith('export ') && [...line.matchAll(DECLARED)][0]?.[1] === name);
  return lines[at - 1]?.trimEnd().endsWith('*/') ?? false;
}

/** The names of an export clause as their own module knows them: `type A, B as C` gives A and B. */
function namesIn(clause: string): string[] {
  return clause
    .split(',')
    .map((part) => part.trim().replace(/^type /, ''))
    .map((part) => part.split(' as ')[0]!.trim())
    .filter((name) => name !== '');
}

function sourceOf(path: string, specifier: string): string {
  return join(dirname(path), specifier).replace(/\.js$/, '.ts');
}
