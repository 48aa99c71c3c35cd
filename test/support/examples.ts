// The examples as their readers run them: TypeScript compiled against the package, and taps that wait for them.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DEMO_PCAPNG, type Running, type TapFolder } from './pkttap.js';
import { run } from './run.js';

const ROOT = resolve(import.meta.dirname, '../..');

/** The folder of examples. */
export const EXAMPLES = join(ROOT, 'examples');

const COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ES2023', 'ESNext.Disposable'],
  module: 'NodeNext',
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules/@types')],
  rootDir: EXAMPLES,
  strict: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
};

/** Compiles examples by name into the folder, from which they see the package; what the compiler had to say. */
export async function compileExamples(names: readonly string[], folder: string): Promise<string> {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/pkttap'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const files = names.map((name) => join(EXAMPLES, `${name}.ts`));
  const config = { compilerOptions: { ...COMPILER_OPTIONS, outDir: folder }, files };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  return (await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder])).stdout.toString();
}

/** Replays a capture to `consumers`; resolves when it waits for them. */
export async function replayFor(folder: TapFolder, consumers = 1, path = DEMO_PCAPNG): Promise<Running> {
  const replay = folder.start(['replay', '-t', '--tap', 't', '--wait-for', String(consumers), path]);
  await replay.said(`waiting for ${consumers} consumer`);
  return replay;
}
