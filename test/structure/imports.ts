// What a TypeScript file imports, found without a compiler: the code is formatted by Biome, so a few expressions do.

const STRING_OR_COMMENT = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

const FROM = /\b(?:import|export)\b[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]/g;
const CLAUSE = /\bimport\s+([^;'"`]*?)\bfrom\s*['"]([^'"]+)['"]/g;
const SIDE_EFFECT = /\bimport\s*['"]([^'"]+)['"]/g;
const CALL = /\b(?:import|require)\s*\(\s*(?:['"]([^'"]+)['"])?/g;

/** Stands for the specifier of an import that names its module only at run time. */
export const COMPUTED = '(computed)';

/** The code with its comments gone. Strings stay: one that looks like a comment is none. */
export function withoutComments(code: string): string {
  return code.replace(STRING_OR_COMMENT, (_, string: string | undefined) => string ?? '');
}

/**
 * The specifiers of all static, side-effect, dynamic and type imports and re-exports. A dynamic import of anything but a
 * literal is given as {@link COMPUTED}.
 */
export function importsOf(code: string): string[] {
  const bare = withoutComments(code);
  const specifiers = [FROM, SIDE_EFFECT, CALL].flatMap((pattern) =>
    [...bare.matchAll(pattern)].map((match) => match[1] ?? COMPUTED),
  );
  return [...new Set(specifiers)];
}

/** The names that a file takes from a module; `*` where it takes the module whole. */
export function namesFrom(code: string, specifier: string): string[] {
  const clauses = [...withoutComments(code).matchAll(CLAUSE)].filter((match) => match[2] === specifier);
  return clauses
    .flatMap((match) => /\{(.*)\}/s.exec(match[1]!)?.[1]?.split(',') ?? ['*'])
    .map((name) => name.trim().replace(/^type | as .*$/g, ''))
    .filter((name) => name !== '');
}
