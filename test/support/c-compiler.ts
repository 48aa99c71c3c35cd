// Compiles C as its users would, only stricter: each warning is an error.

import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { run } from './run.js';

/** The folder of pkttap.h. */
export const INCLUDE = resolve(import.meta.dirname, '../../include');

const PROGRAMS = resolve(import.meta.dirname, '../programs');

/** A compiler, and the language that it takes a source for. */
export interface Compiler {
  readonly name: string;
  readonly language: 'c' | 'c++';
  readonly standard: string;
}

const KNOWN: readonly Compiler[] = [
  { name: 'gcc', language: 'c', standard: 'c11' },
  { name: 'g++', language: 'c++', standard: 'c++17' },
  { name: 'clang', language: 'c', standard: 'c11' },
  { name: 'clang++', language: 'c++', standard: 'c++17' },
];

/** Of those we know, what is installed: building pkttap needs one of them. */
export const COMPILERS = KNOWN.filter(({ name }) => spawnSync(name, ['--version']).status === 0);

const STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow', '-Werror', `-I${INCLUDE}`];

/** Compiles one source to a program; what the compiler had to say. */
export async function compileBy(
  { name, language, standard }: Compiler,
  source: string,
  binary: string,
  flags: readonly string[] = ['-O2'],
): Promise<string> {
  const args = [`-std=${standard}`, ...STRICT, ...flags, '-x', language, source, '-o', binary];
  const { status, stderr } = await run(name, args);
  return status === 0 ? stderr : `${stderr}\nstatus ${status}`;
}

/** A program of test/programs, compiled into the folder by whatever there is; its path. Throws what the compiler says. */
export async function compileProgram(name: string, folder: string, flags?: readonly string[]): Promise<string> {
  const compiler = COMPILERS.find(({ language }) => language === 'c') ?? COMPILERS[0]!;
  const binary = join(folder, name.replace(/\.c$/, flags?.includes('-shared') ? '.node' : ''));
  const complaints = await compileBy(compiler, join(PROGRAMS, name), binary, flags);
  if (complaints !== '') throw new Error(complaints);
  return binary;
}
