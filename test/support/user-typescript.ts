// TypeScript as users of the package compile it: in a folder of theirs, in which the package is installed.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from './run.js';

const ROOT = resolve(import.meta.dirname, '../..');

/** `sources`: paths, absolute or from the folder, all below `rootDir`. The programs come to lie in the folder. What the compiler had to say. */
export async function compileAsUser(folder: string, sources: readonly string[], rootDir = folder): Promise<string> {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/pkttap'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    rootDir,
    outDir: folder,
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: sources }));
  return (await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder], { cwd: folder })).stdout.toString();
}
